// The map files that the settings name.

import type { MapStatusView } from '../admin/status.ts'
import type { Authorization } from '../core/authorization.ts'
import type { RelayTable } from '../core/relay-table.ts'
import { wallClock } from '../lib/clock.ts'
import { messageOf } from '../lib/errors.ts'
import { prefixOfKey } from '../lib/prefix.ts'
import type { CommandStatus } from '../maps/publisher/map-status.ts'
import { MapPublisher } from '../maps/publisher/publisher.ts'
import type { Settings } from './settings/schema.ts'

/** Starts a publisher for each; with `empty`, from an empty file. Rejects with `config`. */
export async function openMaps(settings: Settings, table: RelayTable, empty: boolean): Promise<MapPublisher[]> {
  const publishers = settings.map.map(
    (map) =>
      new MapPublisher(
        map,
        (now) => live(table, now),
        () => table.now(),
      ),
  )
  for (const publisher of publishers) {
    if (empty) await publisher.empty()
    await publisher.start()
  }
  return publishers
}

/**
 * After a crash, while no dracd runs: leaves every map empty, its command run, so that nothing goes on permitting what
 * nobody takes out. Resolves with what went wrong, a line for each map; the others are emptied all the same.
 */
export async function emptyMaps({ map }: Pick<Settings, 'map'>): Promise<string[]> {
  const publishers = map.map((config) => new MapPublisher(config, () => [], wallClock))
  const settled = await Promise.allSettled(publishers.map((publisher) => publisher.close()))
  return settled.flatMap((result) => (result.status === 'rejected' ? [messageOf(result.reason)] : []))
}

/**
 * What may relay now. Not an address that became exempt after it was authorized, and not a network with an exempt address
 * in it: a map can say no to a part of a network as little as a look-up may say yes to it.
 */
function* live(table: RelayTable, now: number): Iterable<Authorization> {
  const { exemptNetworks } = table.policy
  for (const authorization of table.store.list({ now })) {
    if (exemptNetworks.size === 0 || !exemptNetworks.touches(prefixOfKey(authorization.key))) yield authorization
  }
}

export function mapStatus(publisher: MapPublisher): MapStatusView {
  const { writtenAt, health, command, ...status } = publisher.status()
  return {
    ...status,
    ...(writtenAt === undefined ? {} : { written_at: writtenAt }),
    ...(command === undefined ? {} : { command: commandStatus(command) }),
    ...(health.state === 'down' ? { error: health.reason, failing_since: health.since } : {}),
  }
}

const commandStatus = ({ health, ...status }: CommandStatus): Record<string, unknown> => ({
  ...status,
  ...(health.state === 'down' ? { error: health.reason, failing_since: health.since } : {}),
})
