// The patterns that a message of one program may match.
import type { Found, Pattern, PatternKind } from './pattern.ts'

/** Stands for all characters from here on. */
const ANY = 128

export interface Candidate {
  readonly server: string
  readonly starts: string
  readonly kind: PatternKind
  readonly find: (message: string) => Found | undefined
  readonly sessionIsProcess: boolean
  readonly repeatsLogins?: boolean
  readonly isCut: boolean
}

/** The patterns of one program by the first character of the message. */
export class Candidates {
  readonly #lists: Candidate[][] = Array.from({ length: ANY + 1 }, () => [])

  add(candidate: Candidate): void {
    const { starts } = candidate
    for (const [first, list] of this.#lists.entries())
      if (starts === '' || first === Math.min(starts.charCodeAt(0), ANY)) list.push(candidate)
  }

  of(message: string): readonly Candidate[] {
    return message === '' ? this.#lists[ANY]! : this.#lists[Math.min(message.charCodeAt(0), ANY)]!
  }
}

/** Matches one pattern; the cheap test first. */
export function finder({ starts, shape, fields }: Pattern): (message: string) => Found | undefined {
  const [address, user, session, port, pid] = FIELDS.map((field) => fields.indexOf(field) + 1) as Groups
  return (message) => {
    const match = message.startsWith(starts) ? shape.exec(message) : null
    if (match === null) return undefined
    const group = (at: number): string | undefined => (at === 0 ? undefined : match[at])
    return { address: group(address), user: group(user), session: group(session), port: group(port), pid: group(pid) }
  }
}

const FIELDS = ['address', 'user', 'session', 'port', 'pid'] as const
type Groups = [number, number, number, number, number]
