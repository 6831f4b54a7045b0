// Installs what is missing: the npm dependencies, a newer Node.js beside them where the machine's is older than 24,
// and with --test, on Debian as root, what the interoperability tests run. Needs Node.js >= 18 and nothing else.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NODE = '26.10.0'
const root = join(dirname(fileURLToPath(import.meta.url)), '..')
process.chdir(root)

const major = (version) => Number(version.split('.')[0])
const local = join(root, 'node_modules', '.bin', 'node')
/** npm puts node_modules/.bin first in the path of its scripts, so a Node.js installed there may already be the one running. */
const machineIsOld = major(process.versions.node) < 24 || existsSync(local)
const newer = machineIsOld ? [`node-${process.platform}-${process.arch}@${NODE}`] : []

const stamp = join('node_modules', '.package-lock.json')
const stale =
  !existsSync(stamp) ||
  ['package.json', 'package-lock.json'].some((file) => statSync(file).mtimeMs > statSync(stamp).mtimeMs) ||
  (newer.length > 0 && !existsSync(local))

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  if (error || status !== 0) {
    console.error(`setup: ${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`)
    process.exit(status || 1)
  }
}

if (stale) {
  // "npm ci" refuses a lock file that lacks other platforms' optional packages, as some registries make it.
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', ...newer])
}
if (process.argv.includes('--test') && existsSync('scripts/setup-interop.mjs'))
  run(process.execPath, ['scripts/setup-interop.mjs'])
