// Registration with rpcbind, RFC 1833 section 2.2.1, for any uid.
import { messageOf } from '../../lib/errors.ts'
import { DRACPROG } from '../../protocols/drac/add.ts'
import { decodeRpcbs, encodeRpcb, type Rpcb, RpcbProc } from '../../protocols/portmap/rpcbind.ts'
import { decodeDone } from '../../protocols/portmap/v2.ts'
import { RpcbindClient } from './rpcbind-client.ts'

export interface RpcbindAt {
  /** rpcbind's unix stream socket. */
  readonly path: string
  /** For one registration, check or withdrawal as a whole. */
  readonly timeoutMs: number
}

/** Undefined when it was done, else why not, for people. */
export type Failure = string | undefined

/** Whether something answers there as rpcbind version 4 does. */
export const answers = (at: RpcbindAt): Promise<Failure> =>
  over(at, async (client) => {
    await client.call(RpcbProc.RPCBPROC_NULL)
  })

/**
 * Registers each, in place of what a killed daemon left behind. rpcbind answers "no" while another registration stands,
 * and only its owner or root can remove that.
 */
export const register = (at: RpcbindAt, wanted: readonly Rpcb[]): Promise<Failure> =>
  over(at, async (client) => {
    for (const rpcb of wanted) {
      decodeDone(await client.call(RpcbProc.RPCBPROC_UNSET, encodeRpcb(rpcb)))
      if (!decodeDone(await client.call(RpcbProc.RPCBPROC_SET, encodeRpcb(rpcb)))) return refusal(rpcb)
    }
    return undefined
  })

/**
 * `replaced`: at least one netid has been given to another daemon since. `missing`: at least one is not there, as after a
 * restart of rpcbind. Rejects with `tempfail` when rpcbind cannot be asked.
 */
export async function standing(at: RpcbindAt, wanted: readonly Rpcb[]): Promise<'ours' | 'missing' | 'replaced'> {
  const client = new RpcbindClient(at.path, at.timeoutMs)
  try {
    const found = await ours(client)
    const rivals = wanted.filter((rpcb) => found.some((other) => sameService(other, rpcb) && other.addr !== rpcb.addr))
    if (rivals.length > 0) return 'replaced'
    return wanted.every((rpcb) => found.some((other) => same(other, rpcb))) ? 'ours' : 'missing'
  } finally {
    client.close()
  }
}

/** Withdraws those that still stand: what another daemon has registered since is left alone. */
export const unregister = (at: RpcbindAt, wanted: readonly Rpcb[]): Promise<Failure> =>
  over(at, async (client) => {
    const registered = await ours(client)
    for (const rpcb of wanted) {
      if (registered.some((other) => same(other, rpcb))) await client.call(RpcbProc.RPCBPROC_UNSET, encodeRpcb(rpcb))
    }
  })

async function ours(client: RpcbindClient): Promise<Rpcb[]> {
  const all = decodeRpcbs(await client.call(RpcbProc.RPCBPROC_DUMP))
  return all.filter(({ prog }) => prog === DRACPROG)
}

const sameService = (a: Rpcb, b: Rpcb): boolean => a.vers === b.vers && a.netid === b.netid

/** The owner is rpcbind's to say. */
const same = (a: Rpcb, b: Rpcb): boolean => sameService(a, b) && a.addr === b.addr

const refusal = ({ vers, netid }: Rpcb): string =>
  `rpcbind keeps another registration of program ${DRACPROG} version ${vers} over ${netid}, which belongs to another user: ` +
  `stop that daemon, or remove it as root with: rpcinfo -d ${DRACPROG} ${vers}`

async function over(at: RpcbindAt, work: (client: RpcbindClient) => Promise<Failure | undefined>): Promise<Failure> {
  const client = new RpcbindClient(at.path, at.timeoutMs)
  try {
    return (await work(client)) ?? undefined
  } catch (error) {
    return `rpcbind at ${at.path}: ${messageOf(error)}`
  } finally {
    client.close()
  }
}
