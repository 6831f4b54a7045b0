// Running call.c's steps.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export interface Outcome {
  readonly result: number
  readonly message: string
  readonly ms: number
}

const run = promisify(execFile)

export function parseOutcome(line: string): Outcome {
  const [result, message, ms] = line.split('\t')
  return { result: Number(result), message: message!, ms: Number(ms) }
}

/** Runs a program that prints "RESULT<TAB>MESSAGE<TAB>MS" lines to its end. */
export async function outcomes(command: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome[]> {
  const { stdout } = await run(command[0]!, command.slice(1), { env: { ...process.env, ...env }, timeout: 60_000 })
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map(parseOutcome)
}
