// Every setting, one row each: the parser, the limits, the defaults and the help come from here, and with them the
// sample file, dracd.toml(5) and "drac config". After a change: npm run generate.
import { userInfo } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import {
  domain,
  duration,
  endpoint,
  endpoints,
  integer,
  networks,
  oneOf,
  optionalPath,
  path,
  said,
  trusted,
  wordsLike,
} from './types.ts'

/** A value as it stands in the file. */
export type Written = string | number | boolean | readonly string[]

export interface Setting<S extends v.GenericSchema = v.GenericSchema> {
  readonly schema: S
  /** As it would stand in the file. */
  readonly default: Written
  /** Of root and of the service, where another user has another: what the manual says. */
  readonly systemDefault?: Written
  /** For the manual, where the default shows too little. */
  readonly example?: Written
  /** Either this or another: the sample shows an entry with the example, since one with defaults alone is an error. */
  readonly typical?: true
  /** There is no default: an entry without it is an error. */
  readonly required?: true
  /** Whether SIGHUP takes a new value; otherwise it needs a restart. */
  readonly reload: boolean
  readonly help: string
}

/** Of servers and patterns. */
const NAME = /^[a-z][a-z0-9-]{0,31}$/

const row = <S extends v.GenericSchema>(setting: Setting<S>): Setting<S> => setting

/** root, or the user of the service, whom the packages make. */
const isSystem = ['root', 'drac'].includes(userInfo().username)

/** /var/lib/drac for root and the service, otherwise a folder of the user's own. */
export function defaultStateDirectory(env = process.env, system = isSystem): string {
  if (system) return '/var/lib/drac'
  return join(env.XDG_STATE_HOME || join(env.HOME ?? '/tmp', '.local', 'state'), 'drac')
}
/** Where sockets are made: /run/drac for these, otherwise beside the state. */
export const defaultRunDirectory = (system = isSystem): string =>
  system ? '/run/drac' : defaultStateDirectory(process.env, system)
const socketmapListen = (system?: boolean) => [
  `unix:${defaultRunDirectory(system)}/socketmap.sock`,
  'tcp:127.0.0.1:9899',
]

export const TOP = {
  state_directory: row({
    schema: path,
    default: defaultStateDirectory(),
    systemDefault: defaultStateDirectory(process.env, true),
    reload: false,
    help: 'Where the relay table is kept, in drac.sqlite.',
  }),
  lifetime: row({
    schema: duration(1),
    default: '30m',
    reload: true,
    help: 'How long one login permits relaying. rpc.dracd -e.',
  }),
  max_lifetime: row({ schema: duration(1), default: '24h', reload: true, help: 'No report may ask for more.' }),
  ipv4_prefix: row({
    schema: integer(24, 32, ', or one login would open the relay to too many'),
    default: 32,
    reload: true,
    help: 'Width of the network that a login from an IPv4 address authorizes: 32 is the address alone.',
  }),
  ipv6_prefix: row({
    schema: integer(48, 128, ', or one login would open the relay to too many'),
    default: 128,
    reload: true,
    help: 'The same for IPv6: 64 follows clients with privacy addresses.',
  }),
  trusted_clients: row({
    schema: trusted,
    default: ['127.0.0.1', '::1'],
    reload: true,
    help: 'Hosts and networks that may report logins.',
  }),
  trusted_clients_file: row({
    schema: optionalPath,
    default: '',
    reload: true,
    example: '/etc/drac/dracd.allow',
    help: 'An allow file of rpc.dracd ("netmask netaddr" lines) in place of trusted_clients.',
  }),
  exempt_networks: row({
    schema: networks,
    default: [],
    reload: true,
    example: ['198.51.100.0/24', '2001:db8:25::/48'],
    help: 'Never authorized: webmail hosts, NAT gateways, proxies.',
  }),
  session_lease: row({
    schema: duration(1),
    default: '6h',
    reload: true,
    help: 'How long a connection that a mail server reported counts as open without another word of it, so that a lost logout keeps no address authorized.',
  }),
  max_session: row({
    schema: duration(1),
    default: '24h',
    reload: true,
    help: 'How long after its login an open connection keeps its address authorized at most; then only a new login does.',
  }),
  shared_users: row({
    schema: integer(0, 256),
    default: 0,
    reload: true,
    help: 'Different users who may log in from one address within shared_window; with more it counts as shared (a gateway, a webmail host). 0: any number.',
  }),
  shared_window: row({
    schema: duration(1),
    default: '24h',
    reload: true,
    help: 'The time over which shared_users counts.',
  }),
  shared_lifetime: row({
    schema: duration(0),
    default: '0s',
    reload: true,
    help: 'How long a login from a shared address permits relaying; 0s: not at all.',
  }),
  max_entries: row({
    schema: integer(1, 100_000_000),
    default: 1_000_000,
    reload: false,
    help: 'New addresses are refused (ADD_SYSERR) when the table holds this many.',
  }),
  control: row({
    schema: endpoint,
    default: `unix:${defaultRunDirectory()}/control.sock`,
    systemDefault: `unix:${defaultRunDirectory(true)}/control.sock`,
    reload: false,
    help: 'The socket that the drac command talks to.',
  }),
  lookup_group: row({
    schema: said(
      v.pipe(v.string(), v.regex(/^[\w.-]*\$?$/, 'write the name of a group')),
      'the name of a group, or "" for none',
    ),
    default: '',
    reload: false,
    example: 'mail',
    help: 'The group that may use the unix sockets for look-ups; none: every user of this host, as over loopback ports.',
  }),
  report_group: row({
    schema: said(
      v.pipe(v.string(), v.regex(/^[\w.-]*\$?$/, 'write the name of a group')),
      'the name of a group, or "" for none',
    ),
    default: '',
    reload: false,
    example: 'drac-report',
    help: 'The group that may use the unix sockets of [report] and [cyrus], beside the user that dracd runs as.',
  }),
  audit_file: row({
    schema: optionalPath,
    default: '',
    example: '/var/log/drac-audit.log',
    reload: false,
    help: 'Where a JSON line is added for everything that was permitted or revoked by hand, besides the log; none: only the log.',
  }),
  log_level: row({
    schema: oneOf(['debug', 'info', 'warn', 'error']),
    default: 'info',
    reload: true,
    help: 'The least severe line that is logged.',
  }),
  log_format: row({
    schema: oneOf(['auto', 'json', 'text']),
    default: 'auto',
    reload: false,
    help: 'How a log line looks. auto: text at a terminal, JSON everywhere else.',
  }),
} as const

export const DRAC_RPC = {
  listen: row({
    schema: endpoints,
    default: ['udp:127.0.0.1:0', 'tcp:127.0.0.1:0'],
    reload: false,
    help: 'Where DRAC calls are taken: qpopper, Teapop, libdrac.',
  }),
  portmapper: row({
    schema: oneOf(['auto', 'rpcbind', 'builtin', 'off']),
    default: 'auto',
    reload: false,
    help: 'How clients find the port: register with rpcbind, answer on port 111 ourselves, or not at all.',
  }),
} as const

export const SOCKETMAP = {
  listen: row({
    schema: endpoints,
    default: socketmapListen(),
    systemDefault: socketmapListen(true),
    reload: false,
    help: 'Where sendmail and Postfix ask.',
  }),
} as const

const lookupListen = (who: string, example: string): Setting<typeof endpoints> =>
  row({
    schema: endpoints,
    default: [],
    example: [example],
    reload: false,
    help: `Where ${who} asks; none: not served.`,
  })

export const TCP_TABLE = { listen: lookupListen('Postfix (tcp_table)', 'tcp:127.0.0.1:9897') } as const

const perHour = (what: string) =>
  row({
    schema: integer(0, 1_000_000),
    default: 0,
    reload: true,
    help: `${what} that one authorization may relay in an hour; more are deferred. 0: no limit.`,
  })

export const POLICY = {
  listen: lookupListen('Postfix (policy delegation)', 'tcp:127.0.0.1:9898'),
  messages_per_hour: perHour('Messages'),
  recipients_per_hour: perHour('Recipients'),
} as const

export const READSOCKET = { listen: lookupListen('Exim (readsocket)', 'unix:/run/drac/readsocket.sock') } as const

export const DNS_LIST = {
  listen: lookupListen('Exim (dnslists) and anything else that speaks DNSxL', 'udp:127.0.0.1:9953'),
  zone: row({ schema: domain, default: 'drac.invalid', reload: false, help: 'The zone of the DNS list.' }),
} as const

export const WHOSON = {
  listen: lookupListen('whoever speaks WHOSON', 'udp:127.0.0.1:9876'),
  logins: row({
    schema: v.boolean(),
    default: false,
    reload: false,
    help: 'Take LOGIN and LOGOUT too, from trusted_clients; a unix socket is then for its owner and lookup_group alone.',
  }),
} as const

export const HTTP = {
  listen: row({
    schema: endpoints,
    default: [],
    reload: false,
    help: "Where Dovecot's auth policy and events, the admin API, /metrics and the status page are served; none: not at all.",
  }),
  token_file: row({
    schema: optionalPath,
    default: '',
    reload: true,
    help: 'A file with the token that every request over TCP must carry: "Authorization: Bearer TOKEN", or TOKEN as the password of a URL.',
  }),
  report_token_file: row({
    schema: optionalPath,
    default: '',
    example: '/etc/drac/report-token',
    reload: true,
    help: 'A file with another token, which opens reports alone (/dovecot/, /v1/logins, /v1/logouts): what a mail server is given. Without token_file nothing else is served over TCP.',
  }),
} as const

/** One [[log]]: a log that is followed for logins. Either path or journal. */
export const LOG = {
  path: row({
    schema: optionalPath,
    default: '',
    typical: true,
    example: '/var/log/mail.log',
    reload: false,
    help: 'The log file. One that is not there yet is waited for.',
  }),
  journal: row({
    schema: wordsLike(/^[\w@.:\\-]{1,255}$/, 'write the name of a unit, such as "dovecot.service"', 'a list of units'),
    default: [],
    reload: false,
    help: 'In place of a path: the units whose journal is followed.',
  }),
  servers: row({
    schema: wordsLike(NAME, 'write the name of a server, such as "dovecot"', 'a list of servers'),
    default: [],
    reload: false,
    help: 'The POP and IMAP servers whose lines are read; all when left out.',
  }),
} as const

/** One [[log_pattern]]: lines of a server that is not among those known. */
export const LOG_PATTERN = {
  name: row({
    schema: said(v.pipe(v.string(), v.regex(NAME, 'write a short name such as "popd"')), 'a short name'),
    default: '',
    required: true,
    example: 'popd',
    reload: false,
    help: 'What the server is called in servers and in drac list.',
  }),
  program: row({
    schema: wordsLike(/^[^\s:[\]]{1,64}$/, 'write a program name, such as "popd"', 'a list of program names'),
    default: [],
    required: true,
    example: ['popd'],
    reload: false,
    help: 'The programs (syslog tags) whose lines these are.',
  }),
  login: row({
    schema: v.pipe(v.string(), v.minLength(1, 'write the message of a login, with <address> in it')),
    default: '',
    required: true,
    example: 'login by <user> from <address>',
    reload: false,
    help: 'The whole message of a login, with <address>, and <user>, <session> and <any> where they stand in it.',
  }),
  logout: row({
    schema: v.string(),
    default: '',
    reload: false,
    help: 'The message of a logout, the same way; none: logouts are not seen.',
  }),
} as const

/** One [[poll]]: a server that is asked who is connected. */
export const POLL = {
  server: row({
    schema: oneOf(['dovecot', 'cyrus']),
    default: 'dovecot',
    reload: false,
    help: 'dovecot: doveadm who. cyrus: cyr_info proc.',
  }),
  command: row({
    schema: said(v.array(v.pipe(v.string(), v.minLength(1, 'write a program and its arguments'))), 'a list of texts'),
    default: [],
    example: ['doveadm', '-f', 'json', 'who', '-1'],
    reload: false,
    help: 'The program and its arguments, without a shell; left out: doveadm -f json who -1, or cyr_info proc.',
  }),
  url: row({
    schema: said(
      v.union([v.literal(''), v.pipe(v.string(), v.regex(/^http:\/\/[^\s/]+\/\S*$/))], 'write a URL, http://...'),
      'a URL, or "" for none',
    ),
    default: '',
    example: 'http://127.0.0.1:8088/doveadm/v1',
    reload: false,
    help: "In place of a command: Dovecot's doveadm HTTP API.",
  }),
  key_file: row({ schema: optionalPath, default: '', reload: false, help: 'A file with its doveadm_api_key.' }),
  interval: row({
    schema: duration(1),
    default: '5m',
    reload: false,
    help: 'How often; shorter than lifetime. Whoever has gone is noticed at the next poll, and may relay for one lifetime from then.',
  }),
} as const

/** [report]: what drac-report speaks, and nothing else of the control socket. */
export const REPORT = {
  listen: row({
    schema: endpoints,
    default: [],
    reload: false,
    example: ['unix:/run/drac/report.sock'],
    help: 'Unix sockets over which the members of report_group may tell of logins, sessions and their ends: for drac-report run by a mail server, which looks for /run/drac/report.sock first.',
  }),
} as const

/** [cyrus]: events of Cyrus IMAP. */
export const CYRUS = {
  listen: row({
    schema: endpoints,
    default: [],
    reload: false,
    example: ['unix:/run/drac/cyrus.sock'],
    help: 'Where Cyrus sends its events, "notifysocket: dlist:PATH"; unix sockets, for members of report_group.',
  }),
} as const

/** One [[map]]: a map file that follows the relay table. */
export const MAP = {
  path: row({
    schema: path,
    default: '',
    required: true,
    example: '/etc/mail/dracd.db',
    reload: false,
    help: 'The file, whole name included.',
  }),
  format: row({
    schema: oneOf(['btree', 'hash', 'cdb', 'tcprules', 'text']),
    default: 'btree',
    reload: false,
    help: 'btree: Berkeley DB as rpc.dracd keeps it; for sendmail, Postfix and Exim. hash: for OpenSMTPD db:, and those. cdb: for Exim and Postfix. tcprules: for tcpserver before qmail. text: lines, as key says.',
  }),
  key: row({
    schema: oneOf(['address', 'cidr', 'exim']),
    default: 'address',
    reload: false,
    help: 'address: 192.0.2.25, and 2001:db8::5 in every spelling that sendmail, Postfix, OpenSMTPD and Exim look for. cidr: 192.0.2.25/32; in a text also networks, for Postfix cidr:. exim: as host lists look (net-cdb, net64-cdb, net-lsearch, net-iplsearch), also networks.',
  }),
  value: row({
    schema: v.pipe(v.string(), v.maxLength(100)),
    default: 'expiry',
    reload: false,
    help: 'expiry: seconds since the epoch; or any fixed text. Empty, in a text: keys alone, for OpenSMTPD file:.',
  }),
  nul: row({
    schema: v.boolean(),
    default: false,
    reload: false,
    help: 'End key and value with a NUL byte, as postmap does: for Exim dbm.',
  }),
  command: row({
    schema: v.string(),
    default: '',
    example: 'postmap lmdb:/etc/postfix/drac',
    reload: false,
    help: 'For /bin/sh after each replacement, with the path of the map in DRAC_MAP; killed after 30 s, tried again when it fails.',
  }),
} as const

/** The tables that have a name of their own in the file, in the order of the manual. */
export const TABLES = {
  drac_rpc: DRAC_RPC,
  socketmap: SOCKETMAP,
  tcp_table: TCP_TABLE,
  policy: POLICY,
  readsocket: READSOCKET,
  dns_list: DNS_LIST,
  whoson: WHOSON,
  http: HTTP,
  report: REPORT,
  cyrus: CYRUS,
} as const

/** The tables of which a file may hold several, each with its own [[name]]. */
export const ARRAYS = { map: MAP, log: LOG, log_pattern: LOG_PATTERN, poll: POLL } as const

/** What each table is for: its heading in the manual. */
export const ABOUT: Readonly<Record<keyof typeof TABLES | keyof typeof ARRAYS, string>> = {
  drac_rpc: 'DRAC itself: logins reported over RPC, program 900101.',
  socketmap: 'Look-ups by sendmail and Postfix.',
  tcp_table: 'Look-ups by Postfix, tcp_table(5).',
  policy: 'Look-ups by Postfix, as a policy server.',
  readsocket: 'Look-ups by Exim, with its readsocket expansion.',
  dns_list: 'Look-ups as in a DNS list, for Exim and others.',
  whoson: 'WHOSON, for what queries it and, if asked to, for what reports with it.',
  http: 'HTTP: reports of Dovecot, the admin API, metrics and the status page.',
  report: 'Reports of logins by drac-report, as on the control socket, for who may do nothing else there.',
  cyrus: 'Events of Cyrus IMAP.',
  map: 'A map file that is kept up to date, for mail servers that read files. One [[map]] for each.',
  log: 'A log that is followed for logins. One [[log]] for each.',
  log_pattern: 'Lines of a POP or IMAP server that dracd does not know. One [[log_pattern]] for each.',
  poll: 'A server that is asked who is connected. One [[poll]] for each.',
}
