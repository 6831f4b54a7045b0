// A real rpcbind in a namespace, with its socket in the namespace's own /run.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Namespace } from './namespace.ts'
import { unpacked } from './programs.ts'
import { until } from './wait.ts'

/**
 * A line of a shell script that runs in a mount namespace with a /run of its own: makes the user whom rpcbind becomes, or
 * ends at once. A machine knows him only where the package is installed.
 */
export const MAKE_RPC_USER =
  "sed '$a _rpc:x:904:65534::/run/rpcbind:/usr/sbin/nologin' /etc/passwd > /run/passwd && mount --bind /run/passwd /etc/passwd"

/** Started without -h: with it, Debian 12's aborts (a double free). */
export async function startRpcbind(namespace: Namespace): Promise<void> {
  namespace.spawnServer(unpacked('rpcbind/sbin/rpcbind'), ['-f', '-w'], { stdio: 'ignore' })
  await until('rpcbind', () => existsSync(join(namespace.folder, 'run/rpcbind.sock')))
}
