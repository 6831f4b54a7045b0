// What the lines of one server process have in common.
import type { Address } from '../../lib/address.ts'
import { Joins } from './joins.ts'
import type { PatternKind } from './pattern.ts'

/** A session that names its address must log in within this many seconds; POP and IMAP servers give up sooner. */
const OPENED_AGE = 900
/** A session whose login was seen is remembered so many seconds, for its last line. */
const LOGIN_AGE = 86_400
const MAX_JOINS = 16_384

export interface Told {
  readonly kind: 'login' | 'alive' | 'logout' | 'end'
  readonly address?: Address | undefined
  readonly session?: string | undefined
}

export class Sessions {
  readonly #opened = new Joins<Address>(MAX_JOINS, OPENED_AGE)
  readonly #logins = new Joins<string>(MAX_JOINS, LOGIN_AGE)
  /** From where, of servers that write a login again while its session lasts. */
  readonly #again = new Joins<Address>(MAX_JOINS, LOGIN_AGE)

  /** @param session the key that the line itself names */
  withoutProcess(kind: PatternKind, address: Address | undefined, session: string | undefined): Told | undefined {
    if (kind === 'stats') return { kind: 'login', address }
    if (kind === 'opened' || kind === 'passed' || kind === 'closed') return undefined
    return kind === 'end' && session === undefined ? undefined : { kind, address, session }
  }

  /**
   * @param process key of the process that serves this session
   * @param repeats whether the server writes a login again while its session lasts
   * @param at seconds since the epoch; joins are not made backwards in time
   */
  ofProcess(
    kind: PatternKind,
    process: string,
    address: Address | undefined,
    session: string | undefined,
    at: number,
    repeats = false,
  ): Told | undefined {
    const again = repeats && this.#isAgain(kind, process, address, at)
    if (kind === 'opened') {
      this.#opened.put(process, address!, at)
      return undefined
    }
    const opened = this.#opened.take(process, at)
    if (kind === 'closed' || (kind === 'passed' && !opened)) return undefined
    if (kind === 'login' || kind === 'passed') {
      const login = this.#login(process, address ?? opened, session ?? process, at)
      return again ? { ...login, kind: 'alive' } : login
    }
    const key = this.#logins.take(process, at)
    if (kind === 'stats')
      return key === undefined ? { kind: 'login', address } : { kind: 'logout', address, session: key }
    return { kind, address, session: session ?? key ?? process }
  }

  /** The same process serves the same client, and has not ended. */
  #isAgain(kind: PatternKind, process: string, address: Address | undefined, at: number): boolean {
    const before = this.#again.take(process, at)
    if (kind !== 'login' || address === undefined) return false
    this.#again.put(process, address, at)
    return before === address
  }

  #login(process: string, address: Address | undefined, session: string, at: number): Told {
    this.#logins.put(process, session, at)
    return { kind: 'login', address, session }
  }
}
