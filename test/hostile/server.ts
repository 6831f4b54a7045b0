// A child process: our front ends over a relay table in memory. 127.0.0.1 is the good client, 127.0.0.2 is trusted and
// hostile, every other address is a stranger. Sends its endpoints, and its memory in MB whenever it is asked.
import { RelayTable } from '../../src/core/relay-table.ts'
import { trustNetworks } from '../../src/core/trusted-clients.ts'
import { PrefixSet, parsePrefix } from '../../src/lib/prefix.ts'
import { openSocketmap } from '../../src/lookups/socketmap/listener.ts'
import { parseEndpoint } from '../../src/net/endpoint.ts'
import { openDracRpc } from '../../src/reports/drac-rpc/open.ts'
import { MemoryStore } from '../../src/store/memory.ts'

const clock = (): number => Math.floor(Date.now() / 1000)
const table = new RelayTable(
  new MemoryStore(),
  {
    lifetime: 1_800,
    maxLifetime: 86_400,
    ipv4Prefix: 32,
    ipv6Prefix: 128,
    trustedClients: trustNetworks(['127.0.0.1', '127.0.0.2'].map(parsePrefix)),
    exemptNetworks: new PrefixSet([]),
    sessionLease: 21_600,
    maxSession: 86_400,
    shared: { users: 0, window: 86_400, lifetime: 0 },

    ownAddresses: () => new Set(),
  },
  clock,
)
const drac = await openDracRpc(['udp:127.0.0.1:0', 'tcp:127.0.0.1:0'].map(parseEndpoint), table, {
  clock,
  lifetime: () => 1_800,
})
const socketmap = await openSocketmap(parseEndpoint('tcp:127.0.0.1:0'), table)
const [udp, tcp] = drac.endpoints.map((endpoint) => ('port' in endpoint ? endpoint.port : 0))
const ports = { udp, tcp, socketmap: 'port' in socketmap.endpoint ? socketmap.endpoint.port : 0 }
process.on('message', () => {
  globalThis.gc?.()
  process.send!({ rss: process.memoryUsage().rss / 2 ** 20 })
})
process.on('disconnect', () => process.exit())
process.send!(ports)
