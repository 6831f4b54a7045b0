// A real rpcbind in a namespace, with its socket in the namespace's own /run.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Namespace } from './namespace.ts'
import { unpacked } from './programs.ts'
import { until } from './wait.ts'

/** Started without -h: with it, Debian 12's aborts (a double free). */
export async function startRpcbind(namespace: Namespace): Promise<void> {
  namespace.spawnServer(unpacked('rpcbind/sbin/rpcbind'), ['-f', '-w'], { stdio: 'ignore' })
  await until('rpcbind', () => existsSync(join(namespace.folder, 'run/rpcbind.sock')))
}
