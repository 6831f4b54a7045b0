// dracd's settings as drac setup and drac check need them.
import type { Command } from 'commander'
import { type DracdArguments, parseDracdArguments } from '../../daemon/argv.ts'
import { type EffectiveSettings, effectiveSettings } from '../../daemon/effective-settings.ts'
import { storePath } from '../../daemon/open-store.ts'
import { DEFAULT_CONFIG } from '../../daemon/settings/read.ts'
import type { Settings } from '../../daemon/settings/schema.ts'
import { malformed } from '../../lib/errors.ts'
import type { DracFacts } from '../../mta/facts.ts'

export interface SettingsOptions {
  readonly config?: string
  readonly set: readonly string[]
  readonly as?: string
}

/** Adds what names dracd's settings. */
export const settingsOptions = (command: Command): Command =>
  command
    .option('--config <file>', `dracd's settings (default ${DEFAULT_CONFIG})`)
    .option(
      '--set <name=value>',
      'one setting, over the file; repeatable',
      (value, all: string[]) => [...all, value],
      [],
    )
    .option('--as <command>', 'as a dracd that is started so: "rpc.dracd -e 45 /etc/mail/dracd.db", say')

/** As dracd understands its command line. */
export function argumentsOf({ as = 'dracd', config, set }: SettingsOptions): DracdArguments {
  const words = as.split(/\s+/).filter((word) => word !== '')
  if (!/(^|\/)(rpc\.)?dracd$/.test(words[0] ?? ''))
    throw malformed('DRAC_USAGE', `--as takes dracd or rpc.dracd and its options, not ${JSON.stringify(as)}`)
  const args = parseDracdArguments(['node', ...words])
  return { ...args, ...(config === undefined ? {} : { config }), set: [...args.set, ...set] }
}

/** Throws `config`. */
export const settingsOf = (options: SettingsOptions): EffectiveSettings => effectiveSettings(argumentsOf(options))

export function factsOf(settings: Settings): DracFacts {
  const { socketmap, tcp_table, policy, readsocket, dns_list, whoson, drac_rpc, http, cyrus } = settings
  return {
    endpoints: {
      socketmap: socketmap.listen,
      tcp_table: tcp_table.listen,
      policy: policy.listen,
      readsocket: readsocket.listen,
      dns_list: dns_list.listen,
      whoson: whoson.listen,
      drac_rpc: drac_rpc.listen,
      http: http.listen,
      report: settings.report.listen,
      cyrus: cyrus.listen,
    },
    tokenFile: http.report_token_file || http.token_file,
    whosonLogins: whoson.logins,
    reportGroup: settings.report_group,
    polls: settings.poll,
    logs: settings.log,
    zone: dns_list.zone,
    maps: settings.map,
    store: storePath(settings),
    ipv4Prefix: settings.ipv4_prefix,
    ipv6Prefix: settings.ipv6_prefix,
  }
}
