// JSON as Dovecot writes it: strict about what is there, indifferent to what is besides.
import { malformed } from '../../lib/errors.ts'

export type Fields = Readonly<Record<string, unknown>>

/** What the store keeps of a user's name; clients choose it. */
const MAX_USER = 256
/** Dovecot's own are 20 to 45 characters. */
const MAX_SESSION = 256

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Throws `malformed` DRAC_DOVECOT for anything but JSON text in UTF-8. */
export function decodeJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch {
    throw malformed('DRAC_DOVECOT', 'not JSON')
  }
}

/** Throws `malformed`. @param what its name in the message */
export function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw malformed('DRAC_DOVECOT', `${what} is not a JSON object`)
}

/** A text, not empty. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** Cut to what is kept of it; undefined when there is none. */
export const userOf = (value: unknown): { readonly user?: string } => {
  const user = textOf(value)
  return user === undefined ? {} : { user: user.slice(0, MAX_USER) }
}

/** Undefined when there is none. Throws `malformed` when it is longer than any of Dovecot's. */
export function sessionOf(value: unknown): string | undefined {
  const session = textOf(value)
  if (session !== undefined && session.length > MAX_SESSION) throw malformed('DRAC_DOVECOT', 'a session id too long')
  return session
}
