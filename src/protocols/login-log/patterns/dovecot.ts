// Dovecot 2.0 to 2.4, its syslog lines and its own log file; Dovecot 1's lines where they have the same form.
//
// src/login-common/client-common.c (client_get_log_str with the default login_log_format_elements): `Login: user=<..>`
// up to 2.3, `Logged in: user=<..>` from 2.4. Mail processes write `imap(USER)<PID><SESSION>: ` from 2.3 on.
// Not matched: SASL ANONYMOUS, which anybody may use, and `proxy(USER): started proxying`, for a user name in front can imitate it in the line of a failed login.
import { ADDRESS, forPrograms, type Pattern, type ServerPatterns, shape, USER } from '../pattern.ts'

const SESSION = '[A-Za-z0-9+/=._-]{1,64}'
const CIPHER = 'TLSv?[0-9.]{1,8} with cipher [A-Za-z0-9_-]{1,64} \\([0-9]{1,4}/[0-9]{1,4} bits\\)'
/** `user=<..>` is the client's text; all from `>, method=` on is the server's. */
const FIELDS =
  `user=<${USER}>, method=(?!ANONYMOUS)[A-Z0-9-]{1,32}, rip=${ADDRESS}(?:, rport=[0-9]{1,5})?, lip=[0-9A-Fa-f:.]{2,45}(?:, lport=[0-9]{1,5})?` +
  `(?:, (?:mpid=[0-9]{1,10}|TLS|secured|${CIPHER})){0,4}(?:, session=<(${SESSION})>)?`
const OVER = '(?:Disconnected|Connection closed|Logged out)[^<>]{0,900}'

const login = (service: string, level: string, verb: string): Pattern => {
  const starts = `${level}${service}-login: ${verb}: user=<`
  return {
    kind: 'login',
    starts,
    shape: shape(`${starts.slice(0, -6)}${FIELDS}`),
    fields: ['user', 'address', 'session'],
  }
}

const end = (service: string, level: string): Pattern => ({
  kind: 'end',
  starts: `${service}(`,
  shape: shape(`${service}\\(${USER}\\)<[0-9]{1,10}><(${SESSION})>: ${level}${OVER}`),
  fields: ['user', 'session'],
})

const SERVICES = ['imap', 'pop3']
const each = (make: (service: string) => Pattern[]): Pattern[] => SERVICES.flatMap(make)

const SYSLOG = each((service) => [
  login(service, '', 'Login'),
  login(service, '', 'Logged in'),
  end(service, ''),
]).concat(end('imap-hibernate', ''))

/** Dovecot 2 writes the level after the process (`imap-login: Info: Login: ...`), Dovecot 1 before it. */
const OWN = each((service) => [
  login(service, '', 'Info: Login'),
  login(service, '', 'Info: Logged in'),
  login(service, 'Info: ', 'Login'),
  end(service, 'Info: '),
]).concat(end('imap-hibernate', 'Info: '))

export const DOVECOT: ServerPatterns = {
  server: 'dovecot',
  patterns: new Map([...forPrograms(['dovecot'], SYSLOG), ...forPrograms([''], OWN)]),
}
