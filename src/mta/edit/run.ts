// Runs an MTA's own checker.
import { spawnSync } from 'node:child_process'
import type { Syntax } from '../plan.ts'

/** A checker that takes longer is no checker. */
const TIMEOUT_MS = 60_000

/**
 * @param bad what it prints when it is not content although it exits 0
 * @param program undefined: there is none, and `command` says what was looked for
 */
export function runChecker(
  program: string | undefined,
  args: readonly string[],
  { bad, input = '', missing }: { bad?: RegExp; input?: string; missing: string },
): Syntax {
  if (program === undefined) return { state: 'unable', command: missing, output: `there is no ${missing}` }
  const command = [program, ...args].join(' ')
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    input,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    env: { ...process.env, LC_ALL: 'C' },
  })
  if (error) return { state: 'unable', command, output: error.message }
  const output = `${stderr}${stdout}`.trim()
  return { state: status === 0 && !bad?.test(output) ? 'good' : 'bad', command, output }
}
