// Log lines in, logins out. Pure: no files, no clock.
import { isIP } from 'node:net'
import { type Address, parseAddress } from '../../lib/address.ts'
import { configError } from '../../lib/errors.ts'
import type { LogEvent } from './event.ts'
import { compileForm, type ExtraPattern, type Found } from './extra.ts'
import { splitLine, withoutSolarisId } from './line.ts'
import type { Field, PatternKind } from './pattern.ts'
import { ALL, SERVERS } from './servers.ts'
import { Sessions } from './sessions.ts'
import { timeOfStamp } from './stamp.ts'

export type { ExtraPattern } from './extra.ts'
export { SERVERS } from './servers.ts'

/** Longer lines yield nothing at once. */
const MAX_LINE = 8192

interface Candidate {
  readonly server: string
  readonly kind: PatternKind
  readonly starts: string
  readonly find: (message: string) => Parts | undefined
  readonly sessionIsProcess: boolean
}

/** Texts of a line. */
interface Parts {
  address?: string
  user?: string
  session?: string
  port?: string
  pid?: string
}

interface Entry {
  readonly host: string
  readonly program: string
  readonly pid?: string | undefined
  readonly message: string
}

/**
 * Keeps what it needs to join two lines of one session (popa3d says the address in one line and the login in another),
 * bounded in number and age. So it wants the lines of one log in their order, and one matcher for each log.
 */
export class LogMatcher {
  readonly #byProgram = new Map<string, Candidate[]>()
  readonly #sessions = new Sessions()

  /**
   * @param servers names out of `SERVERS`; all when left out
   *
   * Throws `config` DRAC_LOG_SERVER for an unknown server and DRAC_LOG_PATTERN for a bad pattern.
   */
  constructor(options: { readonly servers?: readonly string[]; readonly extra?: readonly ExtraPattern[] } = {}) {
    const { servers = SERVERS, extra = [] } = options
    for (const name of servers)
      if (!SERVERS.includes(name))
        throw configError(
          'DRAC_LOG_SERVER',
          `no log patterns for ${JSON.stringify(name)}; known: ${SERVERS.join(', ')}`,
        )
    for (const { server, patterns, sessionIsProcess = false } of ALL.filter((one) => servers.includes(one.server)))
      for (const [program, list] of patterns)
        for (const { kind, starts, ...pattern } of list)
          this.#add(program, { server, kind, starts, find: finder(pattern), sessionIsProcess })
    for (const pattern of extra) this.#addExtra(pattern)
  }

  /**
   * @param line without its end; over 8 KiB it yields nothing
   * @param now seconds since the epoch; dates stamps without a year
   */
  match(line: string, now: number): LogEvent | undefined {
    if (line.length > MAX_LINE) return undefined
    const split = splitLine(line)
    const candidates = split && this.#byProgram.get(split.program)
    if (!candidates) return undefined
    return this.#try(candidates, split, () => timeOfStamp(split.stamp, now) ?? 'no time', now)
  }

  /** The same for an entry whose program, pid and time are known, as in the journal. */
  matchMessage(
    entry: { readonly program: string; readonly pid?: string; readonly message: string; readonly at?: number },
    now: number,
  ): LogEvent | undefined {
    if (entry.message.length > MAX_LINE || entry.program === '') return undefined
    const candidates = this.#byProgram.get(entry.program)
    return candidates && this.#try(candidates, { host: '', ...entry }, () => entry.at, now)
  }

  #try(
    candidates: readonly Candidate[],
    entry: Entry,
    time: () => number | undefined | 'no time',
    now: number,
  ): LogEvent | undefined {
    const message = withoutSolarisId(entry.message)
    for (const candidate of candidates) {
      if (!message.startsWith(candidate.starts)) continue
      const parts = candidate.find(message)
      if (!parts) continue
      const at = time()
      return at === 'no time' ? undefined : this.#event(candidate, entry, parts, at, now)
    }
    return undefined
  }

  #event(candidate: Candidate, entry: Entry, parts: Parts, at: number | undefined, now: number): LogEvent | undefined {
    const address = parts.address === undefined ? undefined : addressOf(parts.address)
    if (parts.address !== undefined && !address) return undefined
    const process = candidate.sessionIsProcess ? processOf(entry, parts) : undefined
    const session = sessionOf(entry, parts)
    const told =
      process === undefined
        ? this.#sessions.withoutProcess(candidate.kind, address, session)
        : this.#sessions.ofProcess(candidate.kind, process, address, session, at ?? now)
    return told && defined({ ...told, user: parts.user, server: candidate.server, at })
  }

  #add(program: string, candidate: Candidate): void {
    const list = this.#byProgram.get(program)
    if (list) list.push(candidate)
    else this.#byProgram.set(program, [candidate])
  }

  #addExtra({ name, program, login, logout }: ExtraPattern): void {
    const programs = typeof program === 'string' ? [program] : program
    if (programs.length === 0 || programs.some((tag) => !/^[^\s[\]:]{1,128}$/.test(tag)))
      throw configError(
        'DRAC_LOG_PATTERN',
        `log_pattern ${JSON.stringify(name)}: program is a syslog tag without [pid]`,
      )
    const forms = [['login', login] as const, ...(logout === undefined ? [] : [['logout', logout] as const])]
    for (const [kind, text] of forms) {
      const find: (message: string) => Found | undefined = compileForm(name, text)
      for (const tag of programs) this.#add(tag, { server: name, kind, starts: '', find, sessionIsProcess: false })
    }
  }
}

function finder({ shape, fields }: { shape: RegExp; fields: readonly Field[] }) {
  return (message: string): Parts | undefined => {
    const match = shape.exec(message)
    if (!match) return undefined
    const parts: Parts = {}
    for (let i = 0; i < fields.length; i++) {
      const value = match[i + 1]
      if (value !== undefined) parts[fields[i]!] = value
    }
    return parts
  }
}

const processOf = ({ host, program, pid }: Entry, parts: Parts): string | undefined =>
  (parts.pid ?? pid) === undefined ? undefined : `${host} ${program}[${parts.pid ?? pid}]`

/** The key that the line itself names. */
const sessionOf = ({ program }: Entry, { address, port, session }: Parts): string | undefined =>
  session ?? (port === undefined ? undefined : `${program} ${address} ${port}`)

/** Without the fields that are undefined. */
function defined(event: { readonly [Key in keyof LogEvent]: LogEvent[Key] | undefined }): LogEvent {
  return Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined)) as unknown as LogEvent
}

/** Strict: no leading zeros, no scope id, no name. */
const addressOf = (text: string): Address | undefined =>
  isIP(text) === 0 || text.includes('%') ? undefined : parseAddress(text)
