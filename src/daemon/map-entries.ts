// What a map file holds, for programs that look at it from outside the daemon.
import { readFileSync } from 'node:fs'
import { formatOf } from '../maps/publisher/formats.ts'
import type { MapSettings } from './settings/schema.ts'

/** Keys in the file; undefined when there is no file, or none of its format. */
export function mapEntries(map: MapSettings): number | undefined {
  try {
    let count = 0
    for (const _ of formatOf(map).entries(readFileSync(map.path), map)) count++
    return count
  } catch {
    return undefined
  }
}
