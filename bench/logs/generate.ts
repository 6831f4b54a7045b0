// Logs as mail hosts have them, by server: its lines among those of other programs. The same at each run.
import { closeSync, openSync, writeSync } from 'node:fs'

const OTHERS: readonly ((i: number) => string)[] = [
  (i) => `postfix/smtpd[${1000 + (i % 900)}]: connect from mail${i % 97}.example.net[198.51.100.${i % 250}]`,
  (i) => `postfix/smtpd[${1000 + (i % 900)}]: ${id(i)}: client=mail${i % 97}.example.net[198.51.100.${i % 250}]`,
  (i) => `postfix/cleanup[${2000 + (i % 90)}]: ${id(i)}: message-id=<${i}.${i * 7}@mail${i % 97}.example.net>`,
  (i) =>
    `postfix/qmgr[412]: ${id(i)}: from=<user${i % 5000}@example.com>, size=${2000 + (i % 90000)}, nrcpt=1 (queue active)`,
  (i) =>
    `postfix/lmtp[${3000 + (i % 90)}]: ${id(i)}: to=<user${i % 5000}@example.org>, relay=mail.example.org[private/lmtp], delay=0.${i % 90}, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 OK)`,
  (i) => `postfix/qmgr[412]: ${id(i)}: removed`,
  (i) =>
    `sshd[${4000 + (i % 900)}]: Failed password for invalid user admin from 203.0.113.${i % 250} port ${20000 + (i % 40000)} ssh2`,
  (i) => `systemd[1]: Started Session ${i} of user root.`,
  (i) => `CRON[${5000 + (i % 900)}]: (root) CMD (cd / && run-parts --report /etc/cron.hourly)`,
  (i) =>
    `kernel: [${i}.123456] [UFW BLOCK] IN=eth0 OUT= SRC=203.0.113.${i % 250} DST=198.51.100.7 LEN=40 PROTO=TCP SPT=51234 DPT=23`,
]
const id = (i: number): string => (i * 2654435761).toString(16).slice(0, 10).toUpperCase()
const user = (i: number): string => `user${i % 5000}@example.com`
const ip = (i: number): string => `192.0.${2 + (i % 3)}.${i % 250}`

export interface Server {
  /** Lines of one session. */
  readonly session: (i: number) => readonly string[]
  /** What grep -E is given for its logins, as an administrator would write it. */
  readonly grep: string
}

export const SESSIONS: Readonly<Record<string, Server>> = {
  dovecot: {
    session: (i) => [
      `dovecot: imap-login: Login: user=<${user(i)}>, method=PLAIN, rip=${ip(i)}, lip=198.51.100.7, mpid=${i}, TLS, session=<LKCG${i}+FgydTAAAIK>`,
      `dovecot: imap(${user(i)})<${i}><LKCG${i}+FgydTAAAIK>: Disconnected: Logged out in=26 out=778 deleted=0 expunged=0 trashed=0 hdr_count=0 hdr_bytes=0 body_count=0 body_bytes=0`,
      `dovecot: imap-login: Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): user=<${user(i)}>, method=PLAIN, rip=${ip(i)}, lip=198.51.100.7, TLS, session=<LKCG${i}+FgydTAAAIK>`,
    ],
    grep: ' dovecot: (imap|pop3)-login: (Login|Logged in): user=<.*>, method=[A-Z0-9-]+, rip=[0-9a-fA-F.:]+, lip=',
  },
  cyrus: {
    session: (i) => [
      `cyrus/imap[${i % 900}]: login: [${ip(i)}] ${user(i)} PLAIN+TLS User logged in SESSIONID=<cyrus-1795370428-${i}-2-16768735991192993938>`,
      `cyrus/imap[${i % 900}]: USAGE ${user(i)} user: 0.010525 sys: 0.007016`,
      `cyrus/imap[${i % 900}]: badlogin: [${ip(i)}] plaintext (${user(i)}) [SASL(-13): authentication failure: checkpass failed]`,
    ],
    grep: ' cyrus/(imap|pop3)s?\\[[0-9]+\\]: login: (.* )?\\[[0-9a-fA-F.:]+\\] .* User logged in',
  },
  courier: {
    session: (i) => [
      `imapd: Connection, ip=[::ffff:${ip(i)}], port=[${i % 60000}]`,
      `imapd: LOGIN, user=${user(i)}, ip=[::ffff:${ip(i)}], port=[${i % 60000}], protocol=IMAP`,
      `imapd: LOGOUT, user=${user(i)}, ip=[::ffff:${ip(i)}], port=[${i % 60000}], headers=0, body=0, rcvd=28, sent=331, time=0`,
    ],
    grep: ' (imapd|pop3d)(-ssl)?: LOGIN, user=.*, ip=\\[[0-9a-fA-F.:]+\\]',
  },
  uw: {
    session: (i) => [
      `imapd[${i % 900}]: imap service init from ${ip(i)}`,
      `imapd[${i % 900}]: Login user=user${i % 5000} host=pc.example.net [${ip(i)}]`,
      `imapd[${i % 900}]: Logout user=user${i % 5000} host=pc.example.net [${ip(i)}]`,
    ],
    grep: ' (ipop3d|imapd)\\[[0-9]+\\]: (Login|Authenticated|Auth|APOP) user=.* host=([^ ]+ )?\\[[0-9a-fA-F.:]+\\]',
  },
  qpopper: {
    session: (i) => [
      `in.qpopper[${i % 900}]: (v4.0.9) Servicing request from "pc.example.net" at ${ip(i)}`,
      `in.qpopper[${i % 900}]: (v4.0.9) POP login by user "user${i % 5000}" at (pc.example.net) ${ip(i)}`,
      `in.qpopper[${i % 900}]: Stats: user${i % 5000} 0 0 2 1234 pc.example.net ${ip(i)}`,
    ],
    grep: ' (in\\.)?q?popper\\[[0-9]+\\]: \\([^)]*\\) POP login by user ".*" at \\([^)]*\\) [0-9a-fA-F.:]+',
  },
  cucipop: {
    session: (i) => [`cucipop[${i % 900}]: user${i % 5000} ${ip(i)} 0, 3 (4567), 3 (4567)`],
    grep: ' cucipop\\[[0-9]+\\]: [^ ]+ [0-9.]+ [0-9]+, [0-9]+ \\([0-9]+\\), [0-9]+ \\([0-9]+\\)$',
  },
  teapop: {
    session: (i) => [
      `teapop[${i % 900}]: Successful login for user${i % 5000} [198.51.100.7] from unknown [${ip(i)}]`,
      `teapop[${i % 900}]: user${i % 5000} [${ip(i)}] R0(0) D0(0) L1(160)`,
    ],
    grep: ' teapop\\[[0-9]+\\]: Successful login for .* from [^ ]+ \\[[0-9.]+\\]$',
  },
  popa3d: {
    session: (i) => [
      `popa3d[${i % 900}]: Session from ${ip(i)}`,
      `popa3d[${i % 900}]: Authentication passed for user${i % 5000}`,
      `popa3d[${i % 900}]: 0 (0) deleted, 1 (32) left`,
    ],
    grep: ' popa3d\\[[0-9]+\\]: Authentication passed for ',
  },
  'solid-pop3d': {
    session: (i) => [
      `solid-pop3d[${i % 900}]: connect from pc.example.net (${ip(i)})`,
      `solid-pop3d[${i % 900}]: user user${i % 5000} authenticated - pc.example.net (${ip(i)})`,
      `solid-pop3d[${i % 900}]: session ended for user user${i % 5000} - pc.example.net (${ip(i)})`,
    ],
    grep: ' (solid-pop3d|spop3d)\\[[0-9]+\\]: user .* authenticated - ([^ ]+ \\()?[0-9a-fA-F.:]+\\)?$',
  },
  'vm-pop3d': {
    session: (i) => [
      `vm-pop3d[${i % 900}]: Connect from ${ip(i)}`,
      `vm-pop3d[${i % 900}]: User 'user${i % 5000}' of 'example.com' logged in`,
      `vm-pop3d[${i % 900}]: Session ended for user: user${i % 5000}`,
    ],
    grep: " vm-pop3d\\[[0-9]+\\]: User '.*' logged in",
  },
  'gnu-pop3d': {
    session: (i) => [
      `gnu-pop3d[${i % 900}]: Incoming connection from ${ip(i)}`,
      `gnu-pop3d[${i % 900}]: User user${i % 5000} logged in with mailbox /var/mail/user${i % 5000} from ${ip(i)}`,
    ],
    grep: ' gnu-pop3d\\[[0-9]+\\]: User .+ logged in with mailbox .+ from [0-9.]+$',
  },
  perdition: {
    session: (i) => [
      `perdition.imaps[${i % 900}]: Connect: ${ip(i)}:2274->198.51.100.9:993`,
      `perdition.imaps[${i % 900}]: Auth: ${ip(i)}:2274->198.51.100.9:993 client-secure=ssl authorisation_id=NONE authentication_id="${user(i)}" server="imap.example.org:993" protocol=IMAP4S server-secure=ssl status="ok"`,
      `perdition.imaps[${i % 900}]: Close: ${ip(i)}:2274->198.51.100.9:993 user="${user(i)}" received=1 sent=2`,
    ],
    grep: ' perdition[^ ]*\\[[0-9]+\\]: Auth: [0-9a-fA-F.:]+->[0-9a-fA-F.:]+ .* status="ok"$',
  },
  vpopmail: {
    session: (i) => [`vpopmail[${i % 900}]: vchkpw-pop3: (PLAIN) login success ${user(i)}:${ip(i)}`],
    grep: ' vpopmail\\[[0-9]+\\]: vchkpw[^:]*: (\\([A-Z0-9-]+\\) )?login success .*:[0-9.]+$',
  },
  tpop3d: {
    session: (i) => [
      `tpop3d[800]: fork_child: [6]user${i % 5000}(${ip(i)}): began session for \`user${i % 5000}' with pam; child PID is ${i % 900}`,
      `tpop3d[${i % 900}]: connections_post_select: client [6]user${i % 5000}(${ip(i)}): finished session for \`user${i % 5000}' with pam`,
    ],
    grep: ' tpop3d\\[[0-9]+\\]: fork_child: \\[[0-9]+\\].*\\([0-9.]+\\): began session for ',
  },
}

/** Nothing but other programs. */
export const NOTHING: Server = {
  session: (i) => [OTHERS[i % OTHERS.length]!(i)],
  grep: SESSIONS.dovecot!.grep,
}

const stamp = (i: number): string =>
  `Nov 22 ${String((i / 360_000) | 0).padStart(2, '0')}:${String(((i / 6000) | 0) % 60).padStart(2, '0')}:${String(((i / 100) | 0) % 60).padStart(2, '0')} mailhost `

/** Writes `lines` lines, a third of them of this server; returns how many logins are among them. */
export function writeLog(path: string, { session }: Server, isLogin: RegExp, lines: number): number {
  const fd = openSync(path, 'w')
  let logins = 0
  let text = ''
  for (let i = 0, written = 0; written < lines; i++) {
    const own = session(i)
    const other = (k: number): string => OTHERS[(i * 7 + k * 3) % OTHERS.length]!(i + k)
    logins += own.filter((line) => isLogin.test(` ${line}`)).length
    for (const line of own.flatMap((each, k) => [other(2 * k), each, other(2 * k + 1)]))
      text += `${stamp(written++)}${line}\n`
    if (text.length > 1 << 20) {
      writeSync(fd, text)
      text = ''
    }
  }
  writeSync(fd, text)
  closeSync(fd)
  return logins
}
