// drac logs test FILE: which lines of a log are logins to dracd, and which are not.

import { once } from 'node:events'
import { createReadStream, fstatSync, openSync } from 'node:fs'
import { type Command, InvalidArgumentError } from 'commander'
import { DracError, malformed, messageOf } from '../../lib/errors.ts'
import type { LogEvent } from '../../protocols/login-log/event.ts'
import { LogLines } from '../../protocols/login-log/lines.ts'
import { type ExtraPattern, LogMatcher, SERVERS } from '../../protocols/login-log/matcher.ts'
import { EXIT } from '../exit.ts'
import { printable } from './text.ts'

interface Options {
  readonly server: readonly string[]
  readonly program: readonly string[]
  readonly login?: string
  readonly logout?: string
  readonly json?: true
}

/** Bytes read at once. */
const CHUNK = 262_144
const append = (value: string, all: readonly string[]): string[] => [...all, value]

export function addLogs(program: Command): Command {
  const logs = program.command('logs').description('read server logs as dracd does')
  logs
    .command('test')
    .argument('<file>', 'a log file; - for standard input')
    .description('print each line of a log that is a login or a logout: LINE, which, ADDRESS, USER, SERVER')
    .option('--server <name>', `only lines of this server; repeatable: ${SERVERS.join(', ')}`, known, [])
    .option('--program <tag>', 'a syslog tag for --login; repeatable', append, [])
    .option('--login <pattern>', 'try a log_pattern of your own beside those of the servers')
    .option('--logout <pattern>', 'its line at the end of a session')
    .option('--json', 'print one JSON object a line')
    .action(test)
    .exitOverride()
  return logs
}

function known(name: string, all: readonly string[]): string[] {
  if (!SERVERS.includes(name)) throw new InvalidArgumentError(`known are ${SERVERS.join(', ')}.`)
  return [...all, name]
}

async function test(file: string, options: Options): Promise<void> {
  const matcher = matcherOf(options)
  const describe = options.json ? asJson : asLine
  try {
    const { now, chunks } = open(file)
    let number = 0
    let out = ''
    const each = (text: string, from: number, to: number): void => {
      const event = matcher.matchIn(text, from, to, now)
      number++
      if (event && event.kind !== 'end') out += describe(number, event)
    }
    const lines = new LogLines()
    for await (const chunk of chunks) {
      lines.pushRanges(chunk, each)
      if (out !== '' && !process.stdout.write(out)) await once(process.stdout, 'drain')
      out = ''
    }
    const last = lines.end()
    if (last !== undefined) each(last, 0, last.length)
    process.stdout.write(out)
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    process.stderr.write(`drac: cannot read ${printable(file)}: ${messageOf(error)}\n`)
    process.exitCode = EXIT.REFUSED
  }
}

/** Old logs are judged as of their own time, so that stamps without a year get the file's. */
function open(file: string): { now: number; chunks: AsyncIterable<Buffer> } {
  if (file === '-') return { now: Date.now() / 1000, chunks: process.stdin }
  const fd = openSync(file, 'r')
  return { now: fstatSync(fd).mtimeMs / 1000, chunks: createReadStream('', { fd, highWaterMark: CHUNK }) }
}

function matcherOf({ server, program, login, logout }: Options): LogMatcher {
  if ((login === undefined) !== (program.length === 0) || (logout !== undefined && login === undefined))
    throw malformed('DRAC_USAGE', '--login and --program go together, --logout comes with them')
  const extra: ExtraPattern[] =
    login === undefined ? [] : [{ name: 'own', program, login, ...(logout === undefined ? {} : { logout }) }]
  try {
    return new LogMatcher({ ...(server.length === 0 ? {} : { servers: server }), extra })
  } catch (error) {
    throw error instanceof DracError ? malformed(error.code, error.message) : error
  }
}

const asLine = (line: number, { kind, address, user = '', server }: LogEvent): string =>
  `${[line, kind, address, printable(user), server].join('\t')}\n`

const asJson = (line: number, event: LogEvent): string => `${JSON.stringify({ line, ...event })}\n`
