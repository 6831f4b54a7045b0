// Run by rpcbind.test.ts in a network and mount namespace of its own: our front end beside a real rpcbind.
// Prints one line of JSON: what was seen, by name. Environment: RPCBIND, RPCINFO.
// With the argument `nobody` it is the child that registers as uid 65534.
import { type ChildProcess, execFile, fork, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { RelayTable } from '../../src/core/relay-table.ts'
import { trustOwnHost } from '../../src/core/trusted-clients.ts'
import { parseAddress } from '../../src/lib/address.ts'
import { PrefixSet } from '../../src/lib/prefix.ts'
import { parseEndpoint } from '../../src/net/endpoint.ts'
import { AddStat, DRACPROG, decodeAddResult, encodeAdd } from '../../src/protocols/drac/add.ts'
import { decodeReply, encodeCall } from '../../src/protocols/oncrpc/message.ts'
import { XdrReader } from '../../src/protocols/oncrpc/xdr.ts'
import { decodeCallitResult, encodeCallitArgs, PMAP_PROG, PMAP_VERS, PmapProc } from '../../src/protocols/portmap/v2.ts'
import { type DracRpc, openDracRpc } from '../../src/reports/drac-rpc/open.ts'
import { registrations } from '../../src/reports/portmapper/announce.ts'
import { openPortmapper, type Portmapper, type PortmapperMode } from '../../src/reports/portmapper/open.ts'
import { register, unregister } from '../../src/reports/portmapper/register.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { until } from './wait.ts'

const { RPCBIND = '', RPCINFO = '' } = process.env
const OWN = parseAddress('192.0.2.1')
const STRANGER = '192.0.2.9'
const CLIENT = parseAddress('198.51.100.7')
const clock = (): number => Math.floor(Date.now() / 1000)
const seen: Record<string, unknown> = {}

interface Daemon {
  readonly table: RelayTable
  readonly drac: DracRpc
  readonly portmapper: Portmapper
  readonly forwarded: (boolean | undefined)[]
  close(): Promise<void>
}

async function daemon(mode: PortmapperMode, defended = true): Promise<Daemon> {
  const ownAddresses = (): ReadonlySet<typeof OWN> => new Set([OWN])
  const policy = {
    lifetime: 1_800,
    maxLifetime: 86_400,
    ipv4Prefix: 32,
    ipv6Prefix: 128,
    trustedClients: trustOwnHost(ownAddresses),
    exemptNetworks: new PrefixSet([]),
    sessionLease: 21_600,
    maxSession: 86_400,
    shared: { users: 0, window: 86_400, lifetime: 0 },

    ownAddresses,
  }
  const table = new RelayTable(new MemoryStore(), policy, clock)
  const listen = ['udp:127.0.0.1:0', 'tcp:127.0.0.1:0', 'udp:[::1]:0', 'tcp:[::1]:0'].map(parseEndpoint)
  const drac = await openDracRpc(listen, table, { clock, lifetime: () => 1_800 })
  const forwarded: (boolean | undefined)[] = []
  const portmapper = await openPortmapper(mode, drac.endpoints, {
    trusts: (source) => table.trusts(source),
    setForwarded: (forwards) => {
      forwarded.push(forwards)
      if (defended) drac.setForwarded(forwards)
    },
    intervalMs: 200,
  })
  const close = async (): Promise<void> => {
    await portmapper.close()
    await drac.close(0)
  }
  return { table, drac, portmapper, forwarded, close }
}

/** Asked over TCP: a datagram to a port that is not open yet is waited for in vain for many seconds. */
async function startRpcbind(...options: string[]): Promise<ChildProcess> {
  rmSync('/run/rpcbind.sock', { force: true })
  const child = spawn(RPCBIND, ['-f', ...options], { stdio: ['ignore', 2, 2] })
  await until('rpcbind', () => existsSync('/run/rpcbind.sock') && knocks('tcp', '127.0.0.1', 100_000, 4))
  return child
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** Not spawnSync: it calls us, and we have to answer. */
function rpcinfo(...args: string[]): Promise<{ ok: boolean; lines: string[] }> {
  return new Promise((resolve) => {
    execFile(RPCINFO, args, { timeout: 30_000 }, (error, stdout) => {
      resolve({ ok: error === null, lines: stdout.split('\n') })
    })
  })
}

/** `vers netid owner`, and whether the address is the one that we listen on. */
async function registered({ drac }: { drac: Pick<DracRpc, 'endpoints'> }): Promise<string[]> {
  const { lines } = await rpcinfo()
  const ports = drac.endpoints.map((endpoint) => ('port' in endpoint ? endpoint.port : 0))
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([prog]) => prog === String(DRACPROG))
    .map(([, vers, netid, address = '', , owner]) => {
      const [low = 0, high = 0] = address.split('.').map(Number).toReversed()
      return `${vers} ${netid} ${owner} ${ports.includes(high * 256 + low) ? 'ours' : address}`
    })
    .toSorted()
}

/** Whether rpcinfo finds the program through the portmapper and has its null procedure answered. */
const knocks = async (netid: string, host: string, prog: number, vers: number): Promise<boolean> =>
  (await rpcinfo('-T', netid, host, String(prog), String(vers))).ok

async function pings(): Promise<boolean[]> {
  const answered: boolean[] = []
  for (const netid of ['udp', 'tcp', 'udp6', 'tcp6']) {
    for (const vers of [1, 2])
      answered.push(await knocks(netid, netid.endsWith('6') ? '::1' : '127.0.0.1', DRACPROG, vers))
  }
  return answered
}

/** A datagram from `source`, and the first answer to it. */
async function ask(source: string, to: string, port: number, call: Uint8Array): Promise<XdrReader | string> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, source, resolve))
  socket.send(call, port, to)
  const [bytes] = await once(socket, 'message', { signal: AbortSignal.timeout(5_000) }).finally(() => socket.close())
  const reply = decodeReply(bytes as Buffer)
  return reply.stat === 'SUCCESS' ? reply.results : reply.stat
}

const nameOf = (stat: number): string => Object.entries(AddStat).find(([, number]) => number === stat)![0]

/** What a stranger gets who asks the portmapper to report a login in his stead. */
async function forwardedAdd(): Promise<string> {
  const { vers, args } = encodeAdd(CLIENT)
  const callit = encodeCallitArgs({ prog: DRACPROG, vers, proc: 1, args })
  const call = encodeCall({ xid: 1, prog: PMAP_PROG, vers: PMAP_VERS, proc: PmapProc.PMAPPROC_CALLIT, args: callit })
  const results = await ask(STRANGER, OWN, 111, call).catch(() => 'no answer')
  return typeof results === 'string' ? results : nameOf(decodeAddResult(new XdrReader(decodeCallitResult(results).res)))
}

async function localAdd({ drac }: Daemon): Promise<string> {
  const { vers, args } = encodeAdd(parseAddress('198.51.100.8'))
  const { port } = drac.endpoints[0] as { port: number }
  const results = await ask('127.0.0.1', '127.0.0.1', port, encodeCall({ xid: 2, prog: DRACPROG, vers, proc: 1, args }))
  return typeof results === 'string' ? results : nameOf(decodeAddResult(results))
}

const mayRelay = ({ table }: Daemon): boolean => table.lookup(CLIENT).action === 'permit'

async function asNobody(): Promise<unknown> {
  const child = fork(process.argv[1]!, ['nobody'], { execArgv: process.execArgv })
  const [message] = await once(child, 'message')
  const { state, endpoints } = message as { state: unknown; endpoints: DracRpc['endpoints'] }
  const found = await registered({ drac: { endpoints } })
  child.send('close')
  await once(child, 'exit')
  return { state, registered: found, afterwards: await registered({ drac: { endpoints } }) }
}

if (process.argv[2] === 'nobody') {
  process.setgroups?.([])
  process.setgid?.(65_534)
  process.setuid?.(65_534)
  const mine = await daemon('rpcbind')
  process.send!({ state: mine.portmapper.state, endpoints: mine.drac.endpoints })
  await once(process, 'message')
  await mine.close()
  process.disconnect?.()
} else {
  await scenario()
  console.log(JSON.stringify(seen))
}

async function scenario(): Promise<void> {
  let rpcbind = await startRpcbind()
  let mine = await daemon('auto')
  seen.state = mine.portmapper.state
  seen.forwarded = mine.forwarded.slice(0, 3)
  seen.registered = await registered(mine)
  seen.pings = await pings()
  seen.localAdd = await localAdd(mine)
  seen.forwardedAdd = await forwardedAdd()
  seen.relayAfterForwardedAdd = mayRelay(mine)

  await stop(rpcbind)
  rpcbind = await startRpcbind()
  await until('us to be registered again', async () => (await registered(mine)).length === 8)
  seen.registeredAgain = await registered(mine)
  seen.pingsAgain = await pings()
  const rival = await asNobody()
  seen.rival = rival
  await mine.close()
  seen.withdrawn = await registered(mine)

  seen.nobody = await asNobody()

  // What a killed daemon leaves behind: registered, never withdrawn.
  const killed = await openDracRpc([parseEndpoint('udp:127.0.0.1:0')], mine.table, { clock, lifetime: () => 1_800 })
  const rpcbindAt = { path: '/run/rpcbind.sock', timeoutMs: 2_000 }
  seen.stale = await register(rpcbindAt, registrations(killed.endpoints))
  await killed.close(0)
  mine = await daemon('rpcbind')
  seen.inPlaceOfStale = await registered(mine)
  await unregister(rpcbindAt, registrations(killed.endpoints))
  seen.staleWithdrawnLate = await registered(mine)
  // Somebody starts another daemon beside ours: no quarrel, and what is not ours stays at our end.
  const rivals = registrations([parseEndpoint('udp:127.0.0.1:9')])
  await register(rpcbindAt, rivals)
  await until('the other registration to be seen', () => !mine.portmapper.state.registered)
  seen.replaced = mine.portmapper.state
  await mine.close()
  seen.afterReplaced = await registered(mine)
  await unregister(rpcbindAt, rivals)

  await stop(rpcbind)
  rpcbind = await startRpcbind('-r')
  mine = await daemon('rpcbind', false)
  seen.undefended = { add: await forwardedAdd(), relay: mayRelay(mine) }
  await mine.close()
  mine = await daemon('rpcbind')
  seen.forwarding = mine.portmapper.state
  seen.forwardingTold = mine.forwarded.slice(0, 3)
  seen.defended = { add: await forwardedAdd(), relay: mayRelay(mine), localUdp: await localAdd(mine) }

  await stop(rpcbind)
  rpcbind = await startRpcbind()
  await until('the new rpcbind to be found not to forward', () => !mine.portmapper.state.forwards)
  await until('a local report to be believed again', async () => (await localAdd(mine)) === 'ADD_SUCCESS')
  seen.harmlessAgain = mine.portmapper.state
  await stop(rpcbind)
  await until('rpcbind to be missed', () => !mine.portmapper.state.registered)
  seen.missed = mine.portmapper.state
  await mine.close()
  rmSync('/run/rpcbind.sock', { force: true })

  mine = await daemon('auto')
  seen.builtin = mine.portmapper.state
  seen.builtinPings = await pings()
  seen.builtinForwards = await forwardedAdd()
  const second = await daemon('auto')
  seen.off = second.portmapper.state
  await second.close()
  await mine.close()
}
