// Every format by its name in the settings.
import { btree } from './formats/btree.ts'
import { cdb } from './formats/cdb.ts'
import { hash } from './formats/hash.ts'
import { tcprules } from './formats/tcprules.ts'
import { text } from './formats/text.ts'
import type { MapConfig } from './map-config.ts'
import type { MapFormat } from './map-format.ts'

export const FORMATS: Readonly<Record<MapConfig['format'], MapFormat>> = { btree, hash, cdb, tcprules, text }

export const formatOf = ({ format }: MapConfig): MapFormat => FORMATS[format]

/** True when renewing an entry changes nothing in the file. */
export const hasFixedValue = (config: MapConfig): boolean => formatOf(config).fixedValue(config) !== undefined
