// Where the programs are that the tests run, and whether they can run here at all.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** A path as the namespace sees it, below what scripts/setup-interop.mjs unpacked. */
export const unpacked = (path: string): string => join('/run/interop', path)

const here = (path: string): string => resolve('.cache/interop', path)

/** Why interoperability tests of `server` cannot run here; undefined when they can. */
export function unableToTest(server: 'sendmail' | 'postfix' | 'rpcbind' | 'gcc'): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux network namespaces'
  if (process.getuid?.() !== 0) return 'needs root, for a network namespace; sudo npm test runs it'
  const { status, stderr } = spawnSync('unshare', ['--net', '--mount', 'ip', 'link'], { encoding: 'utf8' })
  if (status !== 0) return `cannot make a network namespace: ${stderr?.trim() || 'no unshare or ip'}`
  const there = server === 'gcc' ? existsSync('/usr/include/tirpc/rpc/rpc.h') : existsSync(here(`${server}/.packages`))
  return there ? undefined : `no ${server}; npm test as root on Debian fetches it`
}

/** Says once, on one line, why a file's tests are skipped. Returns true when they are. */
export function skipping(server: Parameters<typeof unableToTest>[0]): boolean {
  const why = unableToTest(server)
  if (why) console.warn(`skipped: interoperability with ${server}: ${why}`)
  return why !== undefined
}
