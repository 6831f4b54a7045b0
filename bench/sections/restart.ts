// Memory and restart with a million entries, after a clean stop and after kill -9 in the middle of a load.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Bench, note } from '../harness/bench.ts'
import { residentMemory } from '../harness/children.ts'
import { type Dracd, startDracd } from '../harness/dracd.ts'
import { entryAddress, loadAdds, loadLookups, trouble } from '../harness/load.ts'
import { mib, type Section } from '../harness/report.ts'
import { median } from '../harness/rounds.ts'
import { lookup } from '../harness/socketmap.ts'

const SIZE = 1_000_000
const MIB = 2 ** 20

interface Restart {
  readonly readyMs: number
  readonly answeredMs: number
  readonly rss: number
}

/** Starts on what the last one left, and asks from the first moment for an entry that is there. */
async function restart(bench: Bench): Promise<{ readonly dracd: Dracd; readonly seen: Restart }> {
  const stateDirectory = bench.stateOf(SIZE)
  const startedAt = performance.now()
  const starting = startDracd({ stateDirectory, settings: ['lifetime=2h'] })
  const path = `${stateDirectory}/s.sock`
  let answer: string | undefined
  while (answer === undefined && performance.now() - startedAt < 60_000) {
    answer = await lookup(path, entryAddress(4711))
    if (answer === undefined) await sleep(1)
  }
  const answeredMs = performance.now() - startedAt
  if (answer !== 'OK OK') trouble.push(`first look-up after a restart was answered ${answer}`)
  const dracd = await starting
  return { dracd, seen: { readyMs: dracd.readyAfterMs, answeredMs, rss: residentMemory(dracd.pid).now } }
}

/** The daemon of a million entries after it was filled and has answered adds and look-ups for a while. */
async function memoryUnderLoad(bench: Bench): Promise<{ now: number; highest: number }> {
  const dracd = await bench.daemonOf(SIZE)
  const { seconds } = bench.pace
  await loadAdds(bench.programs, { transport: 'udp', port: dracd.udpPort, window: 64, size: SIZE, seconds })
  await loadLookups(bench.programs, {
    socket: dracd.socketmapPath,
    connections: 64,
    size: SIZE,
    expect: 'table',
    seconds,
  })
  return residentMemory(dracd.pid)
}

export async function restarts(bench: Bench): Promise<Section> {
  note('memory at 1M')
  const loaded = await memoryUnderLoad(bench)
  await bench.release(SIZE)
  const clean: Restart[] = []
  const killed: Restart[] = []
  for (let round = 0; round < bench.pace.rounds; round++) {
    note(`restart at 1M, round ${round + 1}`)
    const first = await restart(bench)
    clean.push(first.seen)
    const load = loadAdds(bench.programs, {
      transport: 'udp',
      port: first.dracd.udpPort,
      window: 64,
      size: SIZE,
      seconds: 3600,
    })
    load.catch(() => {}) // it ends when the daemon does
    await sleep(500)
    await first.dracd.kill()
    await load.catch(() => {})
    const second = await restart(bench)
    killed.push(second.seen)
    await second.dracd.stop()
  }
  const middle = (list: readonly Restart[], field: keyof Restart): number => median(list.map((seen) => seen[field]))
  const row = (what: string, list: readonly Restart[]): string[] => [
    what,
    `${middle(list, 'readyMs').toFixed(0)} ms`,
    `${middle(list, 'answeredMs').toFixed(0)} ms`,
    mib(middle(list, 'rss')),
  ]
  const limit = { unit: ' ms', bound: 'at most', limit: 1000 } as const
  return {
    title: 'Memory and restart at 1,000,000 entries',
    columns: ['', 'ready line', 'first answer', 'RSS then'],
    rows: [row('after a clean stop', clean), row('after kill -9 under load', killed)],
    notes: [`RSS after filling, adds and look-ups: ${mib(loaded.now)}, at its highest ${mib(loaded.highest)}.`],
    wanted: [
      { what: 'RSS at 1M, highest', value: loaded.highest / MIB, unit: ' MB', bound: 'at most', limit: 200 },
      { what: 'restart at 1M, first answer, clean stop', value: middle(clean, 'answeredMs'), ...limit },
      { what: 'restart at 1M, first answer, kill -9', value: middle(killed, 'answeredMs'), ...limit },
    ],
    raw: { loaded, clean, killed },
  }
}
