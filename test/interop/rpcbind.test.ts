// Our portmapper side beside the real rpcbind, with and without -r, in namespaces of its own (root needed).
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { MAKE_RPC_USER } from './rpcbind.ts'

const find = (name: string): string | undefined =>
  ['/usr/sbin', '/sbin', '/usr/bin', ...['usr/sbin', 'sbin'].map((folder) => resolve('.cache/interop/rpcbind', folder))]
    .map((folder) => `${folder}/${name}`)
    .find((path) => existsSync(path))

const RPCBIND = find('rpcbind')
const RPCINFO = find('rpcinfo')
const why =
  !RPCBIND || !RPCINFO
    ? 'no rpcbind; apt-get install rpcbind'
    : spawnSync('unshare', ['--net', '--mount', 'ip', 'link']).status !== 0
      ? 'it takes root, unshare and ip to make a namespace; run as root on Linux'
      : undefined
if (why) console.warn(`skipped: registration with rpcbind: ${why}`)

const SCRIPT = `set -e
mount -t tmpfs -o mode=755 tmpfs /run
${MAKE_RPC_USER}
ip link set lo up
for address in 192.0.2.1 192.0.2.9; do ip addr add $address/32 dev lo; done
exec setpriv --pdeathsig KILL "$NODE" "$CHILD"`

const EIGHT = ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((netid) => ['1', '2'].map((vers) => `${vers} ${netid}`)).toSorted()
const all = (owner: string): string[] => EIGHT.map((line) => `${line} ${owner} ours`)
const PONGS = Array.from({ length: 8 }, () => true)

describe.skipIf(why !== undefined)('rpcbind', () => {
  let seen: Record<string, unknown>

  beforeAll(() => {
    // A pid namespace, so that nothing is left when the script ends, however it ends.
    const args = ['--net', '--mount', '--pid', '--fork', '--kill-child=KILL', '--mount-proc', 'sh', '-c', SCRIPT]
    const stdout = execFileSync('unshare', args, {
      encoding: 'utf8',
      timeout: 300_000,
      killSignal: 'SIGKILL',
      env: {
        ...process.env,
        RPCBIND,
        RPCINFO,
        NODE: process.execPath,
        CHILD: resolve('test/interop/rpcbind-scenario.ts'),
      },
    })
    seen = JSON.parse(stdout)
  }, 330_000)

  test('registered as root: both versions, four netids, found by rpcinfo', () => {
    expect(seen.state).toMatchObject({ mode: 'rpcbind', registered: true, forwards: false })
    expect(seen.registered).toEqual(all('superuser'))
    expect(seen.pings).toEqual(PONGS)
    expect(seen.localAdd).toBe('ADD_SUCCESS')
  })

  test('reports wait from the registration until the probe, which finds that it does not forward', () => {
    expect(seen.forwarded).toEqual([null, null, false])
    expect(seen.forwardedAdd).toBe('no answer')
    expect(seen.relayAfterForwardedAdd).toBe(false)
  })

  test('registered again when rpcbind was started anew', () => {
    expect(seen.registeredAgain).toEqual(all('superuser'))
    expect(seen.pingsAgain).toEqual(PONGS)
  })

  test('another user cannot take our place, is told why, and leaves us alone when it stops', () => {
    expect(seen.rival).toEqual({
      state: expect.objectContaining({ registered: false, reason: expect.stringContaining('rpcinfo -d 900101') }),
      registered: EIGHT.map((line) => expect.stringMatching(`^${line} superuser \\S+\\.`)),
      afterwards: EIGHT.map((line) => expect.stringMatching(`^${line} superuser \\S+\\.`)),
    })
  })

  test('withdrawn at the end', () => {
    expect(seen.withdrawn).toEqual([])
  })

  test('registered and withdrawn as nobody, without any port of its own', () => {
    expect(seen.nobody).toEqual({
      state: expect.objectContaining({ mode: 'rpcbind', registered: true }),
      registered: all('65534'),
      afterwards: [],
    })
  })

  test('what a killed daemon left behind is replaced, and what stops late withdraws nothing of ours', () => {
    expect(seen.stale).toBeUndefined()
    expect(seen.inPlaceOfStale).toEqual(all('superuser'))
    expect(seen.staleWithdrawnLate).toEqual(all('superuser'))
  })

  test('another daemon that registers later keeps its place; we say so and do not withdraw it', () => {
    expect(seen.replaced).toMatchObject({ registered: false, reason: expect.stringContaining('another daemon') })
    expect(seen.afterReplaced).toEqual(['1 udp superuser 127.0.0.1.0.9', '2 udp superuser 127.0.0.1.0.9'])
  })

  test('rpcbind -r opens the relay to a stranger who is not kept out', () => {
    expect(seen.undefended).toEqual({ add: 'ADD_SUCCESS', relay: true })
  })

  test('rpcbind -r is found out, and a stranger’s report through it is refused', () => {
    expect(seen.forwarding).toMatchObject({ mode: 'rpcbind', registered: true, forwards: true })
    expect(seen.forwardingTold).toEqual([null, null, true])
    expect(seen.defended).toEqual({ add: 'ADD_PERM', relay: false, localUdp: 'ADD_PERM' })
  })

  test('without -r again, local reports are believed again; without rpcbind we say so', () => {
    expect(seen.harmlessAgain).toMatchObject({ registered: true, forwards: false })
    expect(seen.missed).toMatchObject({
      mode: 'rpcbind',
      registered: false,
      reason: expect.stringContaining('rpcbind'),
    })
  })

  test('without rpcbind our own portmapper answers rpcinfo, and forwards nothing', () => {
    expect(seen.builtin).toMatchObject({ mode: 'builtin', registered: true, forwards: false })
    expect(seen.builtinPings).toEqual(PONGS)
    expect(seen.builtinForwards).toBe('no answer')
  })

  test('with neither, auto is off and says why', () => {
    expect(seen.off).toMatchObject({
      mode: 'off',
      registered: false,
      reason: expect.stringMatching(/rpcbind.*listen on/),
    })
  })
})
