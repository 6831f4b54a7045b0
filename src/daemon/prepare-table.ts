// What is done to the relay table before anybody may ask it.
import { readFileSync } from 'node:fs'
import { neverRelay } from '../core/never-relay.ts'
import type { RelayTable } from '../core/relay-table.ts'
import { revokeWhere } from '../core/revoke-where.ts'
import { configError, messageOf } from '../lib/errors.ts'
import { fullWidth, prefixOfKey, type RelayKey } from '../lib/prefix.ts'
import { readOriginalMap } from '../maps/publisher/original-map.ts'
import type { DracdArguments } from './argv.ts'
import type { Log } from './log.ts'

/** Cuts what lasts too long, forgets everything with -i, or takes over the map that rpc.dracd left. */
export async function prepareTable(table: RelayTable, args: DracdArguments, isNew: boolean, log: Log): Promise<void> {
  const health = table.store.health()
  if (health.state === 'down' && args.empty) {
    throw configError('DRAC_STORE_DOWN', `-i: the table cannot be emptied: ${health.reason}`)
  }
  if (health.state === 'down') return
  if (args.empty) await forgetEverything(table, log)
  // After a wrong clock, or with a shorter max_lifetime: nothing lives longer from now than a report may ask for.
  else await table.store.clamp(table.now() + table.policy.maxLifetime)
  if (isNew && !args.empty && args.dbfile !== undefined) await takeOverMap(table, args.dbfile, log)
}

/** -i: what was authorized before the start is forgotten. */
async function forgetEverything(table: RelayTable, log: Log): Promise<void> {
  const before = table.sessions.revocations
  const revoked = await revokeWhere(table, {}, '-i')
  await table.sessions.clear(before)
  log.info({ event: 'emptied', count: revoked.length })
}

/**
 * Takes over what rpc.dracd's map still permits, when our own table is new: there the map was the store. A map that is
 * missing or cannot be read is no reason not to start.
 */
async function takeOverMap(table: RelayTable, path: string, log: Log): Promise<void> {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      log.warn({ event: 'take-over', path, message: messageOf(error) })
    return
  }
  try {
    const count = await importEntries(table, bytes)
    log.info({ event: 'take-over', path, count })
  } catch (error) {
    log.warn({ event: 'take-over', path, message: `${messageOf(error)}; starting without what it held` })
  }
}

async function importEntries(table: RelayTable, bytes: Uint8Array): Promise<number> {
  const now = table.now()
  const { maxLifetime } = table.policy
  const live = readOriginalMap(bytes).filter(({ key, expiresAt }) => expiresAt >= now && mayHold(table, key))
  const puts = live.map(({ key, expiresAt }) =>
    table.store.put({ key, expiresAt: Math.min(expiresAt, now + maxLifetime), now, source: 'rpc.dracd map' }),
  )
  return (await Promise.all(puts)).filter(({ status }) => status !== 'table-full').length
}

/** Addresses only: rpc.dracd had no networks, so one in its map was put there by somebody else. */
function mayHold(table: RelayTable, key: RelayKey): boolean {
  const { network, width } = prefixOfKey(key)
  return width === fullWidth(network) && !neverRelay(network) && !table.policy.exemptNetworks.has(network)
}
