// The daemon under test, as an operator runs it: its own process, its own state directory on a real disk.
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { end, start } from './children.ts'

export interface DracdOptions {
  readonly stateDirectory: string
  /** `name=value`, as after --set. */
  readonly settings?: readonly string[]
  /** What follows the options, a dbfile say. */
  readonly args?: readonly string[]
  /** Options of node itself. */
  readonly nodeArgs?: readonly string[]
}

export interface Dracd {
  readonly pid: number
  readonly udpPort: number
  readonly tcpPort: number
  readonly socketmapPath: string
  readonly socketmapPort: number
  /** Milliseconds from its start to its ready line. */
  readonly readyAfterMs: number
  /** SIGTERM; throws unless it exits 0. */
  stop(): Promise<void>
  /** SIGKILL. */
  kill(): Promise<void>
}

interface ReadyLine {
  readonly event?: string
  readonly endpoints?: Readonly<Record<string, readonly string[]>>
}

const DEADLINE_MS = 60_000

let program = join(import.meta.dirname, '../../src/bin/dracd.ts')
/** Measure the dracd.ts of another checkout. */
export function useDaemon(path: string): void {
  program = resolve(path)
}

/** What its first line gives to node: an installed dracd is started by it. */
const ownNodeArgs = (): string[] =>
  /^#!.*\bnode((?: --\S+)*)\n/.exec(readFileSync(program, 'utf8'))?.[1]?.split(' ').slice(1) ?? []

const loopback = (transport: string): string => `"${transport}:127.0.0.1:0"`

export async function startDracd(options: DracdOptions): Promise<Dracd> {
  const { stateDirectory } = options
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 })
  const socketmapPath = join(stateDirectory, 's.sock')
  const settings = [
    `state_directory=${stateDirectory}`,
    `control=unix:${join(stateDirectory, 'control.sock')}`,
    `socketmap.listen=["unix:${socketmapPath}",${loopback('tcp')}]`,
    `drac_rpc.listen=[${loopback('udp')},${loopback('tcp')}]`,
    'drac_rpc.portmapper=off',
    ...(options.settings ?? []),
  ].flatMap((setting) => ['--set', setting])
  const logPath = join(stateDirectory, `stderr-${process.hrtime.bigint()}.txt`)
  const log = openSync(logPath, 'a')
  const startedAt = performance.now()
  const args = [...ownNodeArgs(), ...(options.nodeArgs ?? []), program, ...settings, ...(options.args ?? [])]
  const child = start(process.execPath, args, ['ignore', log, log])
  closeSync(log)
  let ready: ReadyLine | undefined
  while (ready === undefined) {
    const text = readFileSync(logPath, 'utf8')
    ready = readyLine(text)
    if (ready !== undefined) break
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`dracd did not start:\n${text}`)
    if (performance.now() - startedAt > DEADLINE_MS) throw new Error(`dracd is not ready after 60 s:\n${text}`)
    await sleep(1)
  }
  const readyAfterMs = performance.now() - startedAt
  const port = (room: string, transport: string): number =>
    Number(
      ready.endpoints?.[room]
        ?.find((endpoint) => endpoint.startsWith(`${transport}:`))
        ?.split(':')
        .at(-1),
    )
  return {
    pid: child.pid!,
    udpPort: port('drac_rpc', 'udp'),
    tcpPort: port('drac_rpc', 'tcp'),
    socketmapPath,
    socketmapPort: port('socketmap', 'tcp'),
    readyAfterMs,
    async stop() {
      const code = await end(child, 'SIGTERM')
      if (code !== 0)
        throw new Error(
          `dracd exited ${code ?? child.signalCode} on SIGTERM:\n${readFileSync(logPath, 'utf8').slice(-4000)}`,
        )
    },
    async kill() {
      await end(child, 'SIGKILL')
    },
  }
}

/** The log line that says every listener is open. */
function readyLine(log: string): ReadyLine | undefined {
  for (const line of log.slice(0, log.lastIndexOf('\n') + 1).split('\n')) {
    if (!line.includes('"ready"')) continue
    const parsed = JSON.parse(line) as ReadyLine
    if (parsed.event === 'ready') return parsed
  }
  return undefined
}
