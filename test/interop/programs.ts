// Where the programs are that the tests run, and whether they can run here at all.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** A path as the namespace sees it, below what scripts/setup-interop.mjs unpacked. */
export const unpacked = (path: string): string => join('/run/interop', path)

/** Installed, not unpacked. */
const INSTALLED = new Map<Needed, string>([
  ['libtirpc', '/usr/include/tirpc/rpc/rpc.h'],
  ['pamtester', '/usr/bin/pamtester'],
  ['gcc', '/usr/bin/gcc'],
])
const here = (path: string): string => resolve('.cache/interop', path)

export type Needed =
  | 'sendmail'
  | 'postfix'
  | 'postfix-maps'
  | 'exim'
  | 'opensmtpd'
  | 'ucspi-tcp'
  | 'ucspi-tcp-ipv6'
  | 'dovecot'
  | 'rpcbind'
  | 'rsyslog'
  | 'courier'
  | 'cyrus'
  | 'popa3d'
  | 'solid-pop3d'
  | 'perdition'
  | 'debian12'
  | 'logrotate'
  | 'systemd-journal-remote'
  | 'libtirpc'
  | 'pamtester'
  | 'gcc'

/** Why interoperability tests cannot run here; undefined when they can. */
function unable(needed: readonly Needed[]): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux network namespaces'
  if (process.getuid?.() !== 0)
    return 'needs root, for a network namespace of its own: npm test as root on Debian runs it'
  const { status, stderr } = spawnSync('unshare', ['--net', '--mount', 'ip', 'link'], { encoding: 'utf8' })
  if (status !== 0) return `cannot make a network namespace: ${stderr?.trim() || 'no unshare or ip'}`
  const missing = needed.filter((name) => !existsSync(INSTALLED.get(name) ?? here(`${name}/.packages`)))
  return missing.length > 0 ? `no ${missing.join(', ')}; npm test as root on Debian fetches it` : undefined
}

/** Says on one line why a file's tests are skipped. Returns true when they are. */
export function skipping(file: string, ...needed: readonly Needed[]): boolean {
  const why = unable(needed)
  if (why) console.warn(`skipped: ${file}: ${why}`)
  return why !== undefined
}
