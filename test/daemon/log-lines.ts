// Lines as Dovecot writes them through syslog.

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** RFC 3164's timestamp, local time. */
export function stamp(at = Date.now()): string {
  const date = new Date(at)
  const two = (value: number): string => String(value).padStart(2, '0')
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  return `${MONTHS[date.getMonth()]} ${String(date.getDate()).padStart(2)} ${time}`
}

/** @param at milliseconds since the epoch */
export const loginLine = (address: string, at = Date.now(), session = `s${address}`): string =>
  `${stamp(at)} mailhost dovecot: imap-login: Login: user=<alice>, method=PLAIN, rip=${address}, lip=198.51.100.7, mpid=67, session=<${sessionKey(session)}>\n`

export const endLine = (address: string, at = Date.now(), session = `s${address}`): string =>
  `${stamp(at)} mailhost dovecot: imap(alice)<67><${sessionKey(session)}>: Logged out in=50 out=521\n`

const sessionKey = (text: string): string => text.replace(/[^A-Za-z0-9+/=._-]/g, '-')
