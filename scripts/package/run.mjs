// Other programs, and what to say when they are missing.
import { spawnSync } from 'node:child_process'

/** Standard output. Throws with what it said when it fails. */
export function run(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    ...options,
  })
  if (error || status !== 0)
    throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? `${stderr}${stdout}`.trim()}`)
  return stdout
}

export const has = (command) => spawnSync(command, ['--version']).error === undefined

/** Throws one line that names everything missing. @param tools program -> Debian package */
export function need(tools) {
  const missing = Object.entries(tools).filter(([program]) => !has(program))
  if (missing.length === 0) return
  const [programs, packages] = [missing.map(([program]) => program), [...new Set(missing.map(([, name]) => name))]]
  throw new Error(`needs ${programs.join(', ')}; on Debian: apt install ${packages.join(' ')}`)
}
