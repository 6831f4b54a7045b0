// The settings, with every endpoint that the service manager has opened already marked by its descriptor.
import type { Endpoint } from '../net/endpoint.ts'
import type { InheritedSockets } from '../net/inherited.ts'
import type { EffectiveSettings } from './effective-settings.ts'

export function withInherited(settings: EffectiveSettings, inherited: InheritedSockets): EffectiveSettings {
  const tables = Object.entries(settings).map(([name, table]) => [
    name,
    listens(table) ? { ...table, listen: table.listen.map((endpoint) => inherited.adopt(endpoint)) } : table,
  ])
  return { ...settings, ...Object.fromEntries(tables), control: inherited.adopt(settings.control) }
}

const listens = (table: unknown): table is { readonly listen: readonly Endpoint[] } =>
  Array.isArray((table as { listen?: unknown } | null)?.listen)
