// What the command line makes of the settings: rpc.dracd's flags and defaults over our own.
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { configError } from '../lib/errors.ts'
import { parseEndpoint } from '../net/endpoint.ts'
import type { DracdArguments } from './argv.ts'
import type { Origin, OriginOf } from './settings/origin.ts'
import { readSettings } from './settings/read.ts'
import type { Settings } from './settings/schema.ts'

export interface EffectiveSettings extends Settings {
  /** A missing allow file trusts this host, as it always has; one that the settings name must exist. */
  readonly allowFileMayBeMissing: boolean
}

/** Throws `config`. Read again, whole, at each reload. */
export const effectiveSettings = (args: DracdArguments): EffectiveSettings => settingsWithOrigins(args).settings

/** Where each value comes from, too. Throws `config`. */
export function settingsWithOrigins(args: DracdArguments): { settings: EffectiveSettings; originOf: OriginOf } {
  const { settings, explicit, originOf } = readSettings({ file: args.config, set: args.set })
  const flags = new Map<string, string>()
  const changed: { -readonly [K in keyof EffectiveSettings]: EffectiveSettings[K] } = {
    ...settings,
    allowFileMayBeMissing: false,
  }
  const program = args.legacy ? 'rpc.dracd' : 'dracd'
  const take = (flag: string, values: Partial<EffectiveSettings>): void => {
    for (const name of Object.keys(values)) flags.set(name, `${program}${flag}`)
    Object.assign(changed, values)
  }
  if (args.minutes !== undefined) take(` -e ${args.minutes}`, withMinutes(settings, args.minutes, explicit))
  if (args.dbfile !== undefined)
    take(` ${args.dbfile}`, withDbfile(changed, resolve(args.dbfile), args.legacy, explicit))
  if (args.legacy && !explicit.has('drac_rpc.listen')) {
    changed.drac_rpc = { ...changed.drac_rpc, listen: EVERY_ADDRESS.map(parseEndpoint) }
    flags.set('drac_rpc.listen', program)
  }
  return { settings: changed, originOf: (name) => originWithFlags(name, flags, settings, originOf) }
}

/** The entry of the map that was added to those of the file has the flag's name only. */
function originWithFlags(name: string, flags: ReadonlyMap<string, string>, read: Settings, originOf: OriginOf): Origin {
  const entry = /^map\.(\d+)/.exec(name)
  const text = entry && Number(entry[1]) < read.map.length ? undefined : flags.get(entry ? 'map' : name)
  return text === undefined ? originOf(name) : { from: 'flag', text }
}

function withMinutes(settings: Settings, minutes: number, explicit: ReadonlySet<string>): Partial<EffectiveSettings> {
  const lifetime = minutes * 60
  if (lifetime <= settings.max_lifetime) return { lifetime }
  if (!explicit.has('max_lifetime')) return { lifetime, max_lifetime: lifetime }
  throw configError('DRAC_SETTING', `-e ${minutes}: longer than max_lifetime; raise max_lifetime or ask for less`)
}

/** rpc.dracd served every address of the host, and left it to the allow file to say who may report. */
const EVERY_ADDRESS = ['udp:0.0.0.0:0', 'tcp:0.0.0.0:0', 'udp:[::]:0', 'tcp:[::]:0']

/** The map itself, and the allow file beside it where nothing else says who is trusted. */
function withDbfile(
  settings: Settings,
  dbfile: string,
  legacy: boolean,
  explicit: ReadonlySet<string>,
): Partial<EffectiveSettings> {
  const map = { path: dbfile, format: 'btree', key: 'address', value: 'expiry', nul: false, command: '' } as const
  const kept = settings.map.some(({ path }) => path === dbfile)
  const allowFile = join(dirname(dbfile), 'dracd.allow')
  const decided = explicit.has('trusted_clients') || explicit.has('trusted_clients_file')
  const maps = kept ? {} : { map: [...settings.map, map] }
  if (decided || !(legacy || existsSync(allowFile))) return maps
  return { ...maps, trusted_clients_file: allowFile, allowFileMayBeMissing: true }
}
