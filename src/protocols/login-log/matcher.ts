// Log lines in, logins out. Pure: no files, no clock.
import { isIPv4, isIPv6 } from 'node:net'
import { type Address, parseAddress } from '../../lib/address.ts'
import { configError } from '../../lib/errors.ts'
import { type Candidate, Candidates, finder } from './candidates.ts'
import { Cuts } from './cuts.ts'
import type { LogEvent } from './event.ts'
import { compileForm, type ExtraPattern } from './extra.ts'
import { LineScan, withoutSolarisId } from './line.ts'
import type { Found } from './pattern.ts'
import { ALL, SERVERS } from './servers.ts'
import { Sessions, type Told } from './sessions.ts'
import { timeOfStamp } from './stamp.ts'

export type { ExtraPattern } from './extra.ts'
export { SERVERS } from './servers.ts'

/** Longer lines yield nothing at once. */
const MAX_LINE = 8192

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] }

/**
 * Keeps what it needs to join two lines of one session (popa3d says the address in one line and the login in another),
 * bounded in number and age. So it wants the lines of one log in their order, and one matcher for each log.
 */
export class LogMatcher {
  readonly #byProgram = new Map<string, Candidates>()
  readonly #shapes = new Uint8Array(SHAPES)
  readonly #sessions = new Sessions()
  readonly #cuts = new Cuts()
  readonly #scan = new LineScan()
  #lastStamp = ''
  #lastNow = 0
  #lastTime: number | undefined

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
    for (const { server, patterns, sessionIsProcess = false, repeatsLogins = false, isCut = false } of ALL.filter(
      (one) => servers.includes(one.server),
    ))
      for (const [program, list] of patterns)
        for (const pattern of list)
          this.#add(program, {
            server,
            kind: pattern.kind,
            starts: pattern.starts,
            find: finder(pattern),
            sessionIsProcess,
            repeatsLogins,
            isCut,
          })
    for (const pattern of extra) this.#addExtra(pattern)
  }

  /**
   * @param line without its end; over 8 KiB it yields nothing
   * @param now seconds since the epoch; dates stamps without a year
   */
  match(line: string, now: number): LogEvent | undefined {
    return this.matchIn(line, 0, line.length, now)
  }

  /** The same for a line within a text: most lines are of no interest, and those are not even copied. */
  matchIn(text: string, from: number, to: number, now: number): LogEvent | undefined {
    const scan = this.#scan
    if (!scan.scan(text, from, to)) return undefined
    const { programBegin, programEnd } = scan
    if (this.#shapes[shapeOf(text.charCodeAt(programBegin), programEnd - programBegin)] !== 1) return undefined
    const program = text.slice(programBegin, programEnd)
    const candidates = this.#byProgram.get(program)
    if (!candidates) return undefined
    const message = withoutSolarisId(text.slice(scan.messageBegin, to))
    const isPart = this.#cuts.isPart(text.slice(scan.stampEnd + 1, scan.pidEnd), message)
    if (to - from > MAX_LINE) return undefined
    for (const candidate of candidates.of(message)) {
      if (isPart && candidate.isCut) continue
      const parts = candidate.find(message)
      if (parts === undefined) continue
      const at = this.#time(text.slice(scan.stampBegin, scan.stampEnd), now)
      if (at === undefined) return undefined
      const host = scan.isOwn ? '' : text.slice(scan.stampEnd + 1, programBegin - 1)
      const pid = scan.pidBegin === scan.pidEnd ? undefined : text.slice(scan.pidBegin, scan.pidEnd)
      return this.#event(candidate, host, program, pid, parts, at, at)
    }
    return undefined
  }

  /** The same for an entry whose program, pid and time are known, as in the journal. */
  matchMessage(
    entry: { readonly program: string; readonly pid?: string; readonly message: string; readonly at?: number },
    now: number,
  ): LogEvent | undefined {
    const { program, pid, at } = entry
    if (program === '') return undefined
    const message = withoutSolarisId(entry.message)
    const isPart = this.#cuts.isPart(`${program} ${pid}`, message)
    if (message.length > MAX_LINE) return undefined
    for (const candidate of this.#byProgram.get(program)?.of(message) ?? []) {
      if (isPart && candidate.isCut) continue
      const parts = candidate.find(message)
      if (parts !== undefined) return this.#event(candidate, '', program, pid, parts, at, at ?? now)
    }
    return undefined
  }

  /** Lines come by the second: the last stamp is often this one. */
  #time(stamp: string, now: number): number | undefined {
    if (stamp !== this.#lastStamp || now !== this.#lastNow) {
      this.#lastTime = timeOfStamp(stamp, now)
      this.#lastStamp = stamp
      this.#lastNow = now
    }
    return this.#lastTime
  }

  #event(
    { kind, server, sessionIsProcess, repeatsLogins }: Candidate,
    host: string,
    program: string,
    pid: string | undefined,
    parts: Found,
    at: number | undefined,
    moment: number,
  ): LogEvent | undefined {
    const address = parts.address === undefined ? undefined : addressOf(parts.address)
    if (parts.address !== undefined && address === undefined) return undefined
    const serving = sessionIsProcess ? (parts.pid ?? pid) : undefined
    const session =
      parts.session ?? (parts.port === undefined ? undefined : `${program} ${parts.address} ${parts.port}`)
    const told =
      serving === undefined
        ? this.#sessions.withoutProcess(kind, address, session)
        : this.#sessions.ofProcess(kind, `${host} ${program}[${serving}]`, address, session, moment, repeatsLogins)
    return told && event(told, parts.user, server, at)
  }

  #add(program: string, candidate: Candidate): void {
    this.#shapes[shapeOf(program.charCodeAt(0), program.length)] = 1
    const candidates = this.#byProgram.get(program) ?? new Candidates()
    this.#byProgram.set(program, candidates)
    candidates.add(candidate)
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
      const find = compileForm(name, text)
      for (const tag of programs)
        this.#add(tag, { server: name, kind, starts: '', find, sessionIsProcess: false, isCut: false })
    }
  }
}

const SHAPES = 1 << 14
/** Tells most names of programs apart without making a string of them. */
const shapeOf = (firstCharacter: number, length: number): number =>
  length === 0 ? 0 : ((firstCharacter & 127) << 7) | (length & 127)

/** Without the fields that are undefined. */
function event({ kind, address, session }: Told, user: string | undefined, server: string, at: number | undefined) {
  const made: Writable<LogEvent> = { kind, server }
  if (address !== undefined) made.address = address
  if (user !== undefined) made.user = user
  if (session !== undefined) made.session = session
  if (at !== undefined) made.at = at
  return made
}

/** Strict: no leading zeros, no scope id, no name. The mapped form that most servers write is cut here, for speed. */
function addressOf(text: string): Address | undefined {
  const plain = text.startsWith('::ffff:') ? text.slice(7) : text
  if (isIPv4(plain)) return parseAddress(plain)
  return isIPv6(text) && !text.includes('%') ? parseAddress(text) : undefined
}
