// Every look-up front end on one relay table in SQLite, run as a program: `server.ts FOLDER`. Prints "ready" and, for
// each protocol and transport, its endpoint.
import { join } from 'node:path'
import type { Lookups, Users } from '../../src/core/lookups.ts'
import { RelayTable } from '../../src/core/relay-table.ts'
import { trustNetworks } from '../../src/core/trusted-clients.ts'
import type { Address } from '../../src/lib/address.ts'
import { wallClock } from '../../src/lib/clock.ts'
import { PrefixSet } from '../../src/lib/prefix.ts'
import { openDnsList } from '../../src/lookups/dns-list/listener.ts'
import { openPolicy } from '../../src/lookups/postfix-policy/listener.ts'
import { openReadsocket } from '../../src/lookups/readsocket/listener.ts'
import { openSocketmap } from '../../src/lookups/socketmap/listener.ts'
import { openTcpTable } from '../../src/lookups/tcp-table/listener.ts'
import { openWhoson } from '../../src/lookups/whoson/listener.ts'
import { type Endpoint, formatEndpoint, parseEndpoint } from '../../src/net/endpoint.ts'
import { SqliteStore } from '../../src/store/sqlite-store.ts'
import { ENTRIES, entry } from './pairs.ts'

const folder = process.argv[2]!
const store = new SqliteStore({ path: join(folder, 'state', 'drac.sqlite') })
const policy = {
  lifetime: 7200,
  maxLifetime: 86_400,
  ipv4Prefix: 32,
  ipv6Prefix: 128,
  trustedClients: trustNetworks([]),
  exemptNetworks: new PrefixSet([]),
  sessionLease: 21_600,
  maxSession: 86_400,
  shared: { users: 0, window: 86_400, lifetime: 0 },

  ownAddresses: () => new Set<Address>(),
}
const table = new RelayTable(store, policy, wallClock)
await Promise.all(
  Array.from({ length: ENTRIES }, (_, number) =>
    table.add({ client: entry(number) as Address, reporter: 'local', via: 'bench' }),
  ),
)
const lookups: Lookups & Users = { lookup: (client) => table.lookup(client), logins: (key) => store.logins(key) }

type Open = (endpoint: Endpoint) => Promise<{ readonly endpoint: Endpoint }>
const OPEN: Readonly<Record<string, Open>> = {
  socketmap: (endpoint) => openSocketmap(endpoint, lookups),
  tcp_table: (endpoint) => openTcpTable(endpoint, lookups),
  policy: (endpoint) => openPolicy(endpoint, lookups),
  readsocket: (endpoint) => openReadsocket(endpoint, lookups),
  dns_list: (endpoint) => openDnsList(endpoint, lookups),
  whoson: (endpoint) => openWhoson(endpoint, lookups),
}
const words: string[] = []
for (const [name, open] of Object.entries(OPEN)) {
  for (const transport of ['unix', 'tcp', 'udp']) {
    if (transport === 'udp' && name !== 'dns_list' && name !== 'whoson') continue
    const where = transport === 'unix' ? `unix:${join(folder, name)}` : `${transport}:127.0.0.1:0`
    words.push(`${name}=${formatEndpoint((await open(parseEndpoint(where))).endpoint)}`)
  }
}
process.stdout.write(`ready ${words.join(' ')}\n`)
