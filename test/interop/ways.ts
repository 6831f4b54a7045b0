// Every way in which a mail server is offered to ask dracd, in the order of the table in integrations/README.md.
import { exim } from './exim.ts'
import { FAMILIES, type Family, type Server } from './mta.ts'
import { opensmtpd } from './opensmtpd.ts'
import { postfix } from './postfix.ts'
import { sendmail } from './sendmail.ts'
import { tcpserver } from './tcpserver.ts'

export interface Way {
  readonly server: Server
  /** as the table names it */
  readonly title: string
  /** `drac setup NAME --via` this */
  readonly via: string
  /** what dracd.toml holds before `drac setup` says what it lacks */
  readonly settings?: string
  /** a btree map on dracd's command line, as rpc.dracd has it, in place of what `drac setup` says */
  readonly dbfile?: string
  /** where the answers come from */
  readonly reads: 'dracd' | 'file' | 'database'
  /** the map, for damage to be done to it */
  readonly file?: string
  /** an open SMTP session is worth waiting for until it sees a change; without it, it is asked once */
  readonly seesInSession: boolean
  /** while dracd hangs it waits for longer than a test should; without it, an answer is waited for */
  readonly waits?: true
  /** whom the file must be readable for besides root, as its page says */
  readonly fileGroup?: string
  readonly families?: readonly Family[]
}

const BOTH = Object.keys(FAMILIES) as Family[]
export const familiesOf = (way: Way): readonly Family[] => way.families ?? BOTH

const BTREE = '/etc/mail/dracd.db'
const map = (path: string, format: string): string => `[[map]]\npath = "${path}"\nformat = "${format}"\n`
const listen = (table: string, endpoint: string): string => `[${table}]\nlisten = ["${endpoint}"]\n`

const fromDracd = { reads: 'dracd', seesInSession: true } as const
const fromFile = { via: 'file', reads: 'file', seesInSession: false } as const
const fromDatabase = { via: 'sqlite', reads: 'database', seesInSession: true } as const

const mail = { server: sendmail } as const
export const SENDMAIL: readonly Way[] = [
  { ...mail, ...fromDracd, title: 'socketmap, unix socket', via: 'socketmap' },
  {
    ...mail,
    ...fromDracd,
    title: 'socketmap, TCP',
    via: 'socketmap',
    settings: listen('socketmap', 'tcp:127.0.0.1:9899'),
  },
  { ...mail, ...fromFile, title: 'btree map', seesInSession: true, file: BTREE },
  {
    ...mail,
    ...fromFile,
    title: "btree map, the original's rules",
    via: 'original',
    seesInSession: true,
    file: BTREE,
    dbfile: BTREE,
  },
  { ...mail, ...fromDracd, title: "Debian's FEATURE(`drac`), socketmap", via: 'feature' },
]

const jailed = { server: postfix({ chroot: true }) } as const
const free = { server: postfix({ chroot: false }) } as const
export const POSTFIX: readonly Way[] = [
  { ...jailed, ...fromDracd, title: 'socketmap, TCP', via: 'socketmap', waits: true },
  {
    ...free,
    ...fromDracd,
    title: 'socketmap, unix socket',
    via: 'socketmap',
    waits: true,
    settings: listen('socketmap', 'unix:/run/drac/socketmap.sock'),
  },
  {
    ...jailed,
    ...fromDracd,
    title: 'socketmap, unix socket, chroot',
    via: 'socketmap',
    waits: true,
    settings: listen('socketmap', 'unix:/var/spool/postfix/drac/socketmap.sock'),
  },
  { ...jailed, ...fromDracd, title: 'policy, TCP', via: 'policy' },
  {
    ...jailed,
    ...fromDracd,
    title: 'policy, unix socket, chroot',
    via: 'policy',
    settings: listen('policy', 'unix:/var/spool/postfix/drac/policy.sock'),
  },
  { ...jailed, ...fromDracd, title: 'tcp_table', via: 'tcp', waits: true },
  { ...jailed, ...fromDatabase, title: 'sqlite' },
  { ...jailed, ...fromFile, title: 'btree map', file: BTREE },
  {
    ...jailed,
    ...fromFile,
    title: 'hash map',
    file: '/etc/mail/drac.hash.db',
    settings: map('/etc/mail/drac.hash.db', 'hash'),
  },
  { ...jailed, ...fromFile, title: 'cdb map', file: '/etc/mail/drac.cdb', settings: map('/etc/mail/drac.cdb', 'cdb') },
]

const four = { server: exim } as const
export const EXIM: readonly Way[] = [
  { ...four, ...fromDracd, title: 'readsocket, unix socket', via: 'readsocket' },
  {
    ...four,
    ...fromDracd,
    title: 'readsocket, TCP',
    via: 'readsocket',
    settings: listen('readsocket', 'tcp:127.0.0.1:9896'),
  },
  { ...four, ...fromDracd, title: 'dnslists', via: 'dnslists', settings: listen('dns_list', 'udp:127.0.0.1:53') },
  { ...four, ...fromDatabase, title: 'sqlite' },
  { ...four, ...fromFile, title: 'btree map (dbmnz)', file: BTREE, fileGroup: 'Debian-exim' },
  {
    ...four,
    ...fromFile,
    title: 'hash map (dbmnz)',
    file: '/etc/mail/drac.hash.db',
    fileGroup: 'Debian-exim',
    settings: map('/etc/mail/drac.hash.db', 'hash'),
  },
  {
    ...four,
    ...fromFile,
    title: 'cdb map',
    file: '/etc/mail/drac.cdb',
    fileGroup: 'Debian-exim',
    settings: map('/etc/mail/drac.cdb', 'cdb'),
  },
]

const open = { server: opensmtpd } as const
export const OPENSMTPD: readonly Way[] = [
  {
    ...open,
    ...fromFile,
    title: 'hash map',
    seesInSession: true,
    file: '/etc/mail/drac.hash.db',
    fileGroup: 'opensmtpd',
  },
  { ...open, ...fromDatabase, title: 'sqlite' },
]

const rules = { ...fromFile, title: 'rules (cdb)', file: '/etc/tcp.smtp.cdb' } as const
export const TCPSERVER: readonly Way[] = [
  { ...rules, server: tcpserver('ucspi-tcp', ['IPv4']), families: ['IPv4'] },
  { ...rules, server: tcpserver('ucspi-tcp-ipv6', BOTH), title: 'rules (cdb), ucspi-tcp-ipv6' },
]

export const WAYS: readonly Way[] = [...SENDMAIL, ...POSTFIX, ...EXIM, ...OPENSMTPD, ...TCPSERVER]
