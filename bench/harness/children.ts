// Processes that a bench starts: each is ended by its own PID when the bench ends, however it ends.
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const living = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

export function start(command: string, args: readonly string[], stdio: StdioOptions): ChildProcess {
  const child = spawn(command, args, { stdio })
  living.add(child)
  child.once('exit', () => living.delete(child))
  return child
}

/** Sends a signal and waits for the end. Resolves with the exit code, null when a signal ended it. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  child.kill(signal)
  await once(child, 'exit')
  return child.exitCode
}

/** Ends, by SIGKILL, what was started here and still runs. */
export async function endAll(): Promise<void> {
  await Promise.all([...living].map((child) => end(child, 'SIGKILL')))
}

/** The words after `ready` on the first line of a yardstick's standard output. */
export async function readyWords(child: ChildProcess): Promise<readonly string[]> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const [ready, ...words] = line.split(' ')
    if (ready === 'ready') return words
  }
  throw new Error(`${child.spawnfile} ended before it was ready`)
}

/** What a program wrote to standard output. Throws when it did not exit 0, with what it said on standard error. */
export async function output(command: string, args: readonly string[]): Promise<string> {
  const child = start(command, args, ['ignore', 'pipe', 'pipe'])
  let said = ''
  child.stderr!.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk
  })
  let text = ''
  child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} exited ${code}: ${said}`)
  process.stderr.write(said)
  return text
}

/** Resident memory of a process in bytes: now, and at its highest. proc_pid_status(5). */
export function residentMemory(pid: number): { readonly now: number; readonly highest: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024
  return { now: field('VmRSS'), highest: field('VmHWM') }
}

/** Processor time that a process and its threads have used, in microseconds. proc_pid_stat(5): ticks of 10 ms. */
export function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

/** The result with what it cost the server: microseconds of processor for each answer, whatever else the machine does. */
export async function metered<Result extends { readonly answered: number }>(
  pid: number,
  run: () => Promise<Result>,
): Promise<Result & { readonly cpuUs: number }> {
  const before = processorTime(pid)
  const result = await run()
  return { ...result, cpuUs: (processorTime(pid) - before) / result.answered }
}
