// The look-up front ends that the settings switch on.
import type { Metrics } from '../admin/metrics.ts'
import type { Lookups, Users } from '../core/lookups.ts'
import type { RelayTable } from '../core/relay-table.ts'
import { openDnsList } from '../lookups/dns-list/listener.ts'
import { newRelayCounter, openPolicy } from '../lookups/postfix-policy/listener.ts'
import { openReadsocket } from '../lookups/readsocket/listener.ts'
import { openSocketmap } from '../lookups/socketmap/listener.ts'
import { openTcpTable } from '../lookups/tcp-table/listener.ts'
import { openWhoson, type WhosonOptions } from '../lookups/whoson/listener.ts'
import { type Endpoint, formatEndpoint } from '../net/endpoint.ts'
import type { UnixOptions } from '../net/stream.ts'
import { WhosonLogins } from '../reports/whoson/logins.ts'
import { groupId } from './group-id.ts'
import { metered } from './metered.ts'
import type { Settings } from './settings/schema.ts'
import { makeSocketDirectory } from './socket-directory.ts'

interface Listener {
  readonly endpoint: Endpoint
  close(): Promise<void>
}
type Open = (endpoint: Endpoint) => Promise<Listener>

export interface OpenLookups {
  /** As bound, by the name of the settings table; only what listens. */
  readonly endpoints: Readonly<Record<string, readonly string[]>>
  close(): Promise<void>
}

/** Opens all or none. Rejects with `config`. @param settings as they are now: a reload changes the policy limits */
export async function openLookups(
  settings: () => Settings,
  table: RelayTable,
  metrics?: Metrics,
): Promise<OpenLookups> {
  const opened: [name: string, listener: Listener][] = []
  const close = async (): Promise<void> => {
    await Promise.allSettled(opened.map(([, listener]) => listener.close()))
  }
  try {
    for (const [name, open] of Object.entries(openers(settings, table, metrics))) {
      for (const endpoint of settings()[name as LookupName].listen) {
        makeSocketDirectory(endpoint)
        opened.push([name, await open(endpoint)])
      }
    }
  } catch (error) {
    await close()
    throw error
  }
  const names = [...new Set(opened.map(([name]) => name))]
  const boundAs = (name: string): string[] =>
    opened.flatMap(([of, { endpoint }]) => (of === name ? [formatEndpoint(endpoint)] : []))
  return { endpoints: Object.fromEntries(names.map((name) => [name, boundAs(name)])), close }
}

type LookupName = 'socketmap' | 'tcp_table' | 'policy' | 'readsocket' | 'dns_list' | 'whoson'

function openers(settings: () => Settings, table: RelayTable, metrics?: Metrics): Readonly<Record<LookupName, Open>> {
  const of = (name: LookupName): Lookups & Users => metered(table, metrics?.lookups(name))
  const unix = unixOptions(settings().lookup_group)
  const whoson = whosonOptions(settings(), table, unix)
  const counter = newRelayCounter()
  const limits = () => {
    const { messages_per_hour, recipients_per_hour } = settings().policy
    return { messagesPerHour: messages_per_hour, recipientsPerHour: recipients_per_hour }
  }
  return {
    socketmap: (endpoint) => openSocketmap(endpoint, of('socketmap'), unix),
    tcp_table: (endpoint) => openTcpTable(endpoint, of('tcp_table'), unix),
    policy: (endpoint) => openPolicy(endpoint, of('policy'), { limits, counter, unix }),
    readsocket: (endpoint) => openReadsocket(endpoint, of('readsocket'), unix),
    dns_list: (endpoint) => openDnsList(endpoint, of('dns_list'), { zone: settings().dns_list.zone, unix }),
    whoson: (endpoint) => openWhoson(endpoint, of('whoson'), whoson),
  }
}

/** An answer says whether one address may relay, which the loopback ports tell every local user as well. */
function unixOptions(group: string): UnixOptions {
  return group === '' ? { mode: 0o666 } : { mode: 0o660, gid: groupId(group, 'lookup_group') }
}

/** Whoever may open a unix socket that takes logins may report them: never everybody. */
function whosonOptions({ whoson }: Settings, table: RelayTable, unix: UnixOptions): WhosonOptions {
  if (!whoson.logins) return { unix }
  return { unix: { ...unix, mode: 0o660 }, logins: new WhosonLogins(table, () => table.store.count()) }
}
