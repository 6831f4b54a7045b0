// Runs what the administrator wants run after a map was replaced: `postmap lmdb:/etc/postfix/drac`, say.
import { type ChildProcess, spawn } from 'node:child_process'
import { messageOf } from '../../lib/errors.ts'

/** Undefined when it ended with 0; otherwise what was wrong, in one line of printable ASCII. */
export type CommandTrouble = string | undefined

const MAX_STDERR = 4096
const MAX_LINE = 200
/** How long the standard error of a command that has ended is waited for: a child of its own may hold it. */
const LINGER = 500

/**
 * `/bin/sh -c command`, in a process group of its own, with DRAC_MAP = the path of the map in its environment, nothing
 * to read, and its output dropped but for the first line of its standard error. Never rejects.
 * @param limit milliseconds; then its whole process group is killed, as it is when `stop` is aborted
 */
export function runCommand(command: string, map: string, limit: number, stop?: AbortSignal): Promise<CommandTrouble> {
  const child = spawn('/bin/sh', ['-c', command], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, DRAC_MAP: map },
    cwd: '/',
  })
  return new Promise((resolve) => {
    const stderr = firstBytes(child)
    let killed = ''
    const kill = (why: string): void => {
      killed ||= why
      killGroup(child)
    }
    const timer = setTimeout(() => kill(`still running after ${limit / 1000} s; killed`), limit)
    const stopped = (): void => kill('killed, because dracd stops')
    stop?.addEventListener('abort', stopped, { once: true })
    if (stop?.aborted) stopped()
    const done = (trouble: CommandTrouble): void => {
      clearTimeout(timer)
      stop?.removeEventListener('abort', stopped)
      child.stderr?.destroy()
      resolve(trouble)
    }
    child.once('error', (error) => done(`cannot run /bin/sh: ${messageOf(error)}`))
    child.once('exit', (code, signal) => {
      const end = (): void => done(code === 0 ? undefined : troubleOf(killed || endOf(code, signal), stderr()))
      const linger = setTimeout(end, LINGER)
      child.once('close', () => {
        clearTimeout(linger)
        end()
      })
    })
  })
}

const endOf = (code: number | null, signal: string | null): string =>
  code === null ? `killed by ${signal}` : `exit code ${code}`

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended meanwhile.
  }
}

/** Gathers the beginning of its standard error; the rest is read and dropped, so that it never waits for us. */
function firstBytes(child: ChildProcess): () => string {
  const pieces: Buffer[] = []
  let length = 0
  child.stderr?.on('data', (piece: Buffer) => {
    if (length < MAX_STDERR) pieces.push(piece.subarray(0, MAX_STDERR - length))
    length += piece.length
  })
  child.stderr?.on('error', () => {})
  return () => Buffer.concat(pieces).toString('latin1')
}

function troubleOf(what: string, stderr: string): string {
  const line = stderr
    .split('\n')
    .map((text) => text.replace(/[^\x20-\x7e]+/g, ' ').trim())
    .find((text) => text !== '')
  return line === undefined ? what : `${what}: ${line.slice(0, MAX_LINE)}`
}
