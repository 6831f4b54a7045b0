// Every format by its name in the settings.
import { btree } from './formats/btree.ts'
import type { MapConfig } from './map-config.ts'
import type { MapFormat } from './map-format.ts'

export const FORMATS: Readonly<Record<MapConfig['format'], MapFormat>> = { btree }

export const formatOf = ({ format }: MapConfig): MapFormat => FORMATS[format]

/** True when renewing an entry changes nothing in the file. */
export const hasFixedValue = (config: MapConfig): boolean => formatOf(config).fixedValue(config) !== undefined
