// Patterns that an administrator writes in the settings.
import { configError } from '../../lib/errors.ts'
import type { Found } from './pattern.ts'

/**
 * One line's form: literal text with placeholders, matched from the message's first character to its last, case and
 * spaces exactly.
 *
 * - `<address>` an IP address, once in each pattern
 * - `<user>` any text, also none: the user's name as the client chose it
 * - `<session>` text without spaces: the key that login and logout of one session share
 * - `<any>` any text, also none
 *
 * `<user>` and `<any>` can hold anything, also what looks like the rest of the line. So a pattern is refused unless the
 * address can be found without crossing one: all before it, or all after it up to the end, is free of them.
 * `login <user> from <address>` is good, `<user> from <address> <any>` is not. Work is linear in the line.
 */
export interface ExtraPattern {
  readonly name: string
  /** The exact syslog tag, without `[pid]`, or several. */
  readonly program: string | readonly string[]
  readonly login: string
  readonly logout?: string
}

type Placeholder = 'address' | 'user' | 'session' | 'any'
/** A form: texts and placeholders by turns, a text first and last, each maybe empty. */
interface Form {
  readonly texts: readonly string[]
  readonly holes: readonly Placeholder[]
}

const OPEN: readonly Placeholder[] = ['user', 'any']
const MAX_PATTERN = 1024
const MAX_HOLE = 255

/** The matcher of one form. Throws `config` DRAC_LOG_PATTERN, naming the pattern and the cure. */
export function compileForm(name: string, text: string): (message: string) => Found | undefined {
  const form = parse(name, text)
  const fromRight = !form.holes.slice(form.holes.indexOf('address') + 1).some((hole) => OPEN.includes(hole))
  return (message) => found(form, fromRight ? cutFromRight(form, message) : cutFromLeft(form, message))
}

function parse(name: string, text: string): Form {
  const bad = (why: string) => configError('DRAC_LOG_PATTERN', `log_pattern ${JSON.stringify(name)}: ${why}`)
  const pieces = text.split(/<(address|user|session|any)>/)
  const texts = pieces.filter((_, i) => i % 2 === 0)
  const holes = pieces.filter((_, i) => i % 2 === 1) as Placeholder[]
  const at = holes.indexOf('address')
  if (text.length > MAX_PATTERN) throw bad(`longer than ${MAX_PATTERN} characters`)
  if (at < 0 || holes.lastIndexOf('address') !== at) throw bad('needs <address> exactly once')
  if (['user', 'session'].some((hole) => holes.filter((h) => h === hole).length > 1))
    throw bad('<user> and <session> may stand once each')
  if (texts.slice(1, -1).some((between) => between === '')) throw bad('needs text between two placeholders')
  const open = (part: readonly Placeholder[]): boolean => part.some((hole) => OPEN.includes(hole))
  if (open(holes.slice(0, at)) && open(holes.slice(at + 1)))
    throw bad('<user> or <any> on both sides of <address>: a client could write an address of its own. Leave one out')
  return { texts, holes }
}

/** What each placeholder holds; the left text of each is looked for from the end, so that the last one counts. */
function cutFromRight({ texts, holes }: Form, message: string): string[] | undefined {
  const values: string[] = []
  let end = message.length - texts.at(-1)!.length
  if (!message.startsWith(texts[0]!) || !message.endsWith(texts.at(-1)!)) return undefined
  for (let i = holes.length - 1; i >= 0; i--) {
    const text = texts[i]!
    const begin = i === 0 ? 0 : message.lastIndexOf(text, end - text.length)
    if (begin < 0 || begin + text.length > end) return undefined
    values.unshift(message.slice(begin + text.length, end))
    end = begin
  }
  return values
}

function cutFromLeft({ texts, holes }: Form, message: string): string[] | undefined {
  const values: string[] = []
  const last = texts.at(-1)!
  if (!message.startsWith(texts[0]!) || !message.endsWith(last)) return undefined
  let begin = texts[0]!.length
  for (let i = 0; i < holes.length; i++) {
    const text = texts[i + 1]!
    const end = i === holes.length - 1 ? message.length - text.length : message.indexOf(text, begin)
    if (end < begin) return undefined
    values.push(message.slice(begin, end))
    begin = end + text.length
  }
  return values
}

function found({ holes }: Form, values: string[] | undefined): Found | undefined {
  if (!values || values.some((value, i) => value.length > MAX_HOLE && holes[i] !== 'any')) return undefined
  const of = (hole: Placeholder): string | undefined => values[holes.indexOf(hole)]
  const [address, user, session] = [of('address')!, of('user'), of('session')]
  if (session !== undefined && !/^\S{1,255}$/.test(session)) return undefined
  return { address, ...(user === undefined ? {} : { user }), ...(session === undefined ? {} : { session }) }
}
