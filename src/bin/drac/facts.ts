// dracd's settings as drac setup and drac check need them.
import { storePath } from '../../daemon/open-store.ts'
import { readSettings } from '../../daemon/settings/read.ts'
import type { Settings } from '../../daemon/settings/schema.ts'
import type { DracFacts } from '../../mta/facts.ts'

export interface SettingsOptions {
  readonly config?: string
  readonly set: readonly string[]
}

/** Throws `config`. */
export const settingsOf = ({ config, set }: SettingsOptions): Settings => readSettings({ file: config, set }).settings

export function factsOf(settings: Settings): DracFacts {
  const { socketmap, tcp_table, policy, readsocket, dns_list, whoson } = settings
  return {
    endpoints: {
      socketmap: socketmap.listen,
      tcp_table: tcp_table.listen,
      policy: policy.listen,
      readsocket: readsocket.listen,
      dns_list: dns_list.listen,
      whoson: whoson.listen,
    },
    zone: dns_list.zone,
    maps: settings.map,
    store: storePath(settings),
    ipv4Prefix: settings.ipv4_prefix,
    ipv6Prefix: settings.ipv6_prefix,
  }
}
