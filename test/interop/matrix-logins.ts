// Whoever tells dracd of logins, all at once in one namespace: how somebody logs in there, with success or without.
import { dracCall } from './drac-call.ts'
import type { Dracd } from './dracd.ts'
import { LineSession } from './line-session.ts'
import { ImapSession, PopSession, type Where } from './mail-client.ts'
import { PASSWORD, USER } from './mail-user.ts'
import type { MatrixRow } from './matrix-table.ts'
import type { Family } from './mta.ts'
import { type Namespace, SERVER } from './namespace.ts'
import { PERDITION_PORT, SOLID_PORT } from './pop-daemon.ts'

/** Of the servers that share a namespace; popa3d has no other port than 110. */
export const DOVECOT_PORTS = { imap: 1431, pop3: 1101 }
export const CYRUS_PORTS = { imap: 1432, pop3: 1102 }
export const COURIER_PORTS = { imap: 1433, pop3: 1103 }
export const WHOSON_PORT = 9876

export interface Place {
  readonly namespace: Namespace
  readonly dracd: Dracd
  /** The C client, as the namespace sees it. */
  readonly dracCall: string
}

/** True when the user was let in, or the report was taken. `right`: with the right password, or by a trusted reporter. */
type Login = (place: Place, client: string, right: boolean) => Promise<boolean>

const password = (right: boolean): string => (right ? PASSWORD : 'wrong')

const by =
  (protocol: typeof ImapSession | typeof PopSession, where: Where): Login =>
  async ({ namespace }, client, right) => {
    const session = await protocol.open(namespace, client, where)
    const entered = await session.login(USER, password(right))
    if (entered) await session.logout()
    else session.abort()
    return entered
  }
const imap = ({ imap: port }: { imap: number }): Login => by(ImapSession, { port })
const pop = ({ pop3: port }: { pop3: number }): Login => by(PopSession, { port })

const pam: Login = async ({ namespace }, client, right) => {
  const command = `pamtester -I rhost=${client} imap ${USER} authenticate acct_mgmt`
  return (await namespace.run('sh', ['-c', `echo ${password(right)} | ${command}`])).status === 0
}

/** Who calls dracd at 192.0.2.1 comes from there, and nobody trusts that. */
const rpc: Login = async ({ namespace, dracd, dracCall: program }, client, right) => {
  const host = right ? '127.0.0.1' : SERVER.v4
  return dracCall(namespace, program, client, { host, net: 'udp', port: dracd.port('udp', host) }) === 0
}

/** The client itself is no trusted reporter. */
const whoson: Login = async ({ namespace }, client, right) => {
  const own = client.includes(':') ? SERVER.v6 : SERVER.v4
  const [source, host] = right ? (['127.0.0.1', '127.0.0.1'] as const) : [client, own]
  const session = new LineSession(namespace.connect(source, host, WHOSON_PORT))
  session.send(`LOGIN ${client} ${USER}`)
  const answer = await session.line()
  session.abort()
  return answer === '+LOGIN OK'
}

export const LOGINS: Readonly<Record<MatrixRow, Login>> = {
  'Dovecot 2.3.19.1 IMAP, auth policy': imap(DOVECOT_PORTS),
  'Dovecot 2.3.19.1 POP3, auth policy': pop(DOVECOT_PORTS),
  'Cyrus 3.6.1 IMAP, notify_external': imap(CYRUS_PORTS),
  'Cyrus 3.6.1 POP3, notify_external': pop(CYRUS_PORTS),
  'Courier IMAP 5.0.13, wrapper': imap(COURIER_PORTS),
  'Courier POP3 1.0.16, wrapper': pop(COURIER_PORTS),
  'popa3d 1.0.3, log': pop({ pop3: 110 }),
  'Solid POP3 0.15, log': pop({ pop3: SOLID_PORT }),
  'Perdition 2.2 POP3 proxy, log': pop({ pop3: PERDITION_PORT }),
  'PAM 1.5.2 by pamtester, pam_exec': pam,
  'DRAC over RPC, C client': rpc,
  'WHOSON LOGIN over TCP': whoson,
}

/** They listen on IPv4 alone. */
const IPV4_ALONE: ReadonlySet<MatrixRow> = new Set(['popa3d 1.0.3, log', 'Perdition 2.2 POP3 proxy, log'])
export const familiesOf = (row: MatrixRow): readonly Family[] => (IPV4_ALONE.has(row) ? ['IPv4'] : ['IPv4', 'IPv6'])
