// The campaign: start the real daemon, load it, kill -9 it at a moment of chance, start it again on what is left.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startDracd } from '../../bench/harness/dracd.ts'
import type { Address } from '../../src/lib/address.ts'
import { client, KillLoad } from './kill-load.ts'
import { listExpiries, lookups, notPermitted } from './kill-look.ts'

const WINDOW = 64
const LIFETIME_SECONDS = 1800
const NEVER_ADDED = 1 << 26

export interface Campaign {
  /** Adds acknowledged in all rounds, renewals included. */
  readonly acknowledged: number
  /** Adds that were on their way when the daemon was killed, in all rounds. */
  readonly inFlight: number
  /** Acknowledged addresses that could not relay after the restart, each with its round. */
  readonly missing: readonly string[]
  /** Acknowledged renewals whose new expiry the table had forgotten. */
  readonly shortened: readonly string[]
  /** Answers other than ADD_SUCCESS. */
  readonly wrong: readonly string[]
  /** Addresses that nobody reported and that may relay all the same. */
  readonly opened: readonly string[]
}

export interface Round {
  readonly round: number
  readonly acknowledged: number
  readonly inFlight: number
  readonly readyMs: number
}

/** The next client to log in: a new one, or with a chance of one in eight somebody from earlier. */
function logins(): () => Address {
  let known = 0
  return () => client(known > 0 && Math.random() < 1 / 8 ? Math.floor(Math.random() * known) : known++)
}

/**
 * Loads the daemon until between 200 and 2,000 adds were acknowledged and up to 20 ms more, then SIGKILL.
 * @returns the load, read to its last reply
 */
async function loadAndKill(port: number, next: () => Address, kill: () => Promise<void>): Promise<KillLoad> {
  const load = await KillLoad.open(port, next)
  try {
    await load.until(200 + Math.floor(Math.random() * 1800), WINDOW)
    await sleep(Math.random() * 20)
  } finally {
    await kill()
    await load.drain()
  }
  return load
}

export async function campaign(
  rounds: number,
  stateDirectory: string,
  onRound: (round: Round) => void,
): Promise<Campaign> {
  /** Address -> second of the latest acknowledged add, of all rounds. */
  const acknowledged = new Map<Address, number>()
  const missing: string[] = []
  const wrong: string[] = []
  let adds = 0
  let inFlight = 0
  let lastRound: readonly Address[] = []
  const next = logins()
  for (let round = 1; round <= rounds; round++) {
    const dracd = await startDracd({ stateDirectory })
    for (const address of await notPermitted(dracd.socketmapPath, lastRound))
      missing.push(`${address}, round ${round - 1}`)
    const load = await loadAndKill(dracd.udpPort, next, () => dracd.kill())
    for (const [address, at] of load.acknowledged) acknowledged.set(address, at)
    lastRound = [...load.acknowledged.keys()]
    wrong.push(...load.wrong)
    adds += load.acknowledged.size
    inFlight += load.outstanding
    onRound({ round, acknowledged: load.acknowledged.size, inFlight: load.outstanding, readyMs: dracd.readyAfterMs })
  }
  const dracd = await startDracd({ stateDirectory })
  for (const address of await notPermitted(dracd.socketmapPath, [...acknowledged.keys()]))
    missing.push(`${address}, at the end`)
  const expiries = await listExpiries(join(stateDirectory, 'control.sock'))
  const shortened = [...acknowledged].filter(([address, at]) => (expiries.get(address) ?? 0) < at + LIFETIME_SECONDS)
  const strangers = Array.from({ length: 1000 }, (_, n) => client(NEVER_ADDED + n))
  const answers = await lookups(dracd.socketmapPath, strangers)
  await dracd.stop()
  return {
    acknowledged: adds,
    inFlight,
    missing,
    shortened: shortened.map(([address, at]) => `${address}: acknowledged at ${at}, expires ${expiries.get(address)}`),
    wrong,
    opened: strangers.filter((_, at) => answers[at] !== 'NOTFOUND'),
  }
}
