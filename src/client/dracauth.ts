// libdrac's calls under their C names, as promises of {code, message}: dracauth(3) of DRAC 1.12 and its IPv6 variant.
import { DRACVERS, DRACVERS6 } from '../protocols/drac/add.ts'
import { addressOf, DracClient, type DracClientOptions, type UserIp } from './drac-client.ts'
import { type ClientResult, type DracResult, NOT_CONNECTED, resultOf } from './result.ts'

/** DracClient's options; the server is an argument of its own here. */
export type DracAuthOptions = Omit<DracClientOptions, 'hosts'>

/**
 * Reports one login and lets go: dracconn, dracsend, dracdisc. Code 0 remembered, -1 no connection, -2 the call failed,
 * else the addstat (1 ADD_PERM, 2 ADD_SYSERR, 3 ADD_UNKOWN). Takes 2 s at most. An IPv4 address goes as version 1, an
 * IPv6 address as version 2, an IPv4-mapped one is IPv4: dracauth6 is the same function under its C name.
 * @param server `mail`, `mail:9001`, several between commas; the empty text is no server, -1
 * @param userip text, or 4 or 16 octets in network order
 * Rejects only for what the caller got wrong: `malformed` DRAC_ADDRESS, `config` DRAC_HOST, DRAC_PORT, DRAC_TIMEOUT.
 */
export async function dracauth(server: string, userip: UserIp, options: DracAuthOptions = {}): Promise<DracResult> {
  const address = addressOf(userip)
  const client = new DracClient({ ...options, hosts: server })
  try {
    return cResult(await client.send(address))
  } finally {
    // A second server may still be on the way to hear it.
    void client.idle().then(() => client.close())
  }
}
export const dracauth6 = dracauth

/** The one connection of this process, as libdrac keeps it. A program that talks to several servers uses DracClient. */
let current: DracClient | undefined

/** Connects for dracsend of IPv4 addresses: 0, or -1 when there is no server. A connection made before is let go. */
export const dracconn = (server: string, options: DracAuthOptions = {}): Promise<DracResult> =>
  connectFor(DRACVERS, server, options)

/** Connects for dracsend6 of IPv6 addresses: 0, or -1 when there is no server that knows version 2. */
export const dracconn6 = (server: string, options: DracAuthOptions = {}): Promise<DracResult> =>
  connectFor(DRACVERS6, server, options)

/** Reports one login over the connection that dracconn made; codes as dracauth, -1 when there is none. */
export async function dracsend(userip: UserIp): Promise<DracResult> {
  const address = addressOf(userip)
  return current ? cResult(await current.send(address)) : resultOf(NOT_CONNECTED)
}
export const dracsend6 = dracsend

/** Lets the connection go: 0, or -1 when there is none. */
export async function dracdisc(): Promise<DracResult> {
  if (!current) return resultOf(NOT_CONNECTED)
  current.close()
  current = undefined
  return { code: 0, message: 'disconnected' }
}
export const dracdisc6 = dracdisc

async function connectFor(vers: 1 | 2, server: string, options: DracAuthOptions): Promise<DracResult> {
  current?.close()
  current = undefined
  const client = new DracClient({ ...options, hosts: server })
  const result = cResult(await client.connect(vers))
  if (result.code !== 0) client.close()
  else current = client
  return result
}

/** C knows no "off": it is a server that cannot be reached. */
const cResult = ({ code, message }: ClientResult): DracResult =>
  code === 'off' ? resultOf(NOT_CONNECTED) : { code, message }
