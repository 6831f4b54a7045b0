// What the command line makes of the settings: rpc.dracd's flags and defaults over our own.
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { configError } from '../lib/errors.ts'
import { parseEndpoint } from '../net/endpoint.ts'
import type { DracdArguments } from './argv.ts'
import { readSettings } from './settings/read.ts'
import type { Settings } from './settings/schema.ts'

export interface EffectiveSettings extends Settings {
  /** A missing allow file trusts this host, as it always has; one that the settings name must exist. */
  readonly allowFileMayBeMissing: boolean
}

/** Throws `config`. Read again, whole, at each reload. */
export function effectiveSettings(args: DracdArguments): EffectiveSettings {
  const { settings, explicit } = readSettings({ file: args.config, set: args.set })
  const changed: { -readonly [K in keyof EffectiveSettings]: EffectiveSettings[K] } = {
    ...settings,
    allowFileMayBeMissing: false,
  }
  if (args.minutes !== undefined) {
    changed.lifetime = args.minutes * 60
    if (!explicit.has('max_lifetime')) changed.max_lifetime = Math.max(settings.max_lifetime, changed.lifetime)
    if (changed.max_lifetime < changed.lifetime) {
      throw configError(
        'DRAC_SETTING',
        `-e ${args.minutes}: longer than max_lifetime; raise max_lifetime or ask for less`,
      )
    }
  }
  if (args.dbfile !== undefined)
    Object.assign(changed, withDbfile(changed, resolve(args.dbfile), args.legacy, explicit))
  if (args.legacy && !explicit.has('drac_rpc.listen')) {
    changed.drac_rpc = { ...changed.drac_rpc, listen: EVERY_ADDRESS.map(parseEndpoint) }
  }
  return changed
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
  const maps = settings.map.some(({ path }) => path === dbfile) ? settings.map : [...settings.map, map]
  const allowFile = join(dirname(dbfile), 'dracd.allow')
  const decided = explicit.has('trusted_clients') || explicit.has('trusted_clients_file')
  if (decided || !(legacy || existsSync(allowFile))) return { map: maps }
  return { map: maps, trusted_clients_file: allowFile, allowFileMayBeMissing: true }
}
