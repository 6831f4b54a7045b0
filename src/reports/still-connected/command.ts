// A program that prints who is connected, run without a shell.
import { spawn } from 'node:child_process'
import { messageOf, tempfail } from '../../lib/errors.ts'

/** Some 100,000 connections. */
const MAX_OUTPUT = 16 * 1024 * 1024
const MAX_ERROR = 2000

const failed = (why: string, cause?: unknown) => tempfail('DRAC_POLL', why, cause)

/**
 * What it printed, when it ended with 0. Rejects with `tempfail` in every other case; on `signal`, and when it prints more
 * than the limit, it is killed with its process group.
 * @param command the program and its arguments
 */
export function outputOf(
  command: readonly string[],
  signal: AbortSignal,
  maxOutput: number = MAX_OUTPUT,
): Promise<Buffer> {
  const [program, ...args] = command
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const child = spawn(program!, args, { detached: true, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] })
  const output: Buffer[] = []
  let size = 0
  let complaint = ''
  const stop = (error: unknown): void => {
    reject(error)
    killGroup(child.pid)
    child.stdout.destroy()
    child.stderr.destroy()
  }
  const aborted = (): void => stop(failed(`${program} was stopped`))
  signal.addEventListener('abort', aborted, { once: true })
  if (signal.aborted) aborted()
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > maxOutput) stop(failed(`${program} printed more than ${maxOutput} bytes`))
    else output.push(chunk)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    if (complaint.length < MAX_ERROR) complaint += chunk.toString('utf8')
  })
  child.once('error', (error) => stop(failed(`${program}: ${messageOf(error)}`, error)))
  child.once('close', (code, killedBy) => {
    signal.removeEventListener('abort', aborted)
    if (code === 0) resolve(Buffer.concat(output))
    else reject(failed(`${program} ended with ${code ?? killedBy}: ${complaint.trim().split('\n')[0]!.slice(0, 200)}`))
  })
  return promise
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended meanwhile.
  }
}
