// dist/: the program as JavaScript, which Node.js >= 24 runs without the sources.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Builds; with `ifStale` only when a source is newer than what was built. Returns tsc's exit status. */
export function build({ ifStale = false } = {}) {
  const dist = join(root, 'dist')
  const main = join(dist, 'bin', 'dracd.js')
  if (ifStale && existsSync(main) && newest(join(root, 'src')) < statSync(main).mtimeMs) return 0
  rmSync(dist, { recursive: true, force: true })
  const tsc = join(root, 'node_modules', '.bin', 'tsc')
  const { status } = spawnSync(tsc, ['-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) return status ?? 1
  for (const name of ['dracd.js', 'drac.js']) chmodSync(join(dist, 'bin', name), 0o755)
  return 0
}

const newest = (folder) =>
  Math.max(...readdirSync(folder, { recursive: true }).map((name) => statSync(join(folder, name)).mtimeMs))

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = build()
