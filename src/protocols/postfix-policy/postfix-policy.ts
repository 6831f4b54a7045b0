// Postfix policy delegation, SMTPD_POLICY_README: lines of name=value, then an empty line, both ways.
import { malformed } from '../../lib/errors.ts'

/** Postfix 3.7 sends 29. */
const MAX_ATTRIBUTES = 100

/**
 * What Postfix says about the client and the message, by the names of SMTPD_POLICY_README. Attributes may be missing or
 * empty. The values are slices of the whole request: who keeps one for long keeps a copy.
 */
export type Attributes = ReadonlyMap<string, string>

/**
 * @param bytes a request with its empty line
 * Throws `malformed` for anything but name=value lines, for a name that comes twice, and unless it is a
 * `request=smtpd_access_policy`.
 */
export function decodeRequest(bytes: Uint8Array): Attributes {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  const attributes = new Map<string, string>()
  let at = 0
  for (let end = text.indexOf('\n'); end > at; end = text.indexOf('\n', at)) {
    const equals = text.indexOf('=', at)
    if (equals <= at || equals > end) throw malformed('DRAC_POLICY', 'a line that is not name=value')
    const name = text.slice(at, equals)
    if (attributes.has(name)) throw malformed('DRAC_POLICY', `${JSON.stringify(name.slice(0, 32))} comes twice`)
    if (attributes.size >= MAX_ATTRIBUTES) throw malformed('DRAC_POLICY', `over ${MAX_ATTRIBUTES} attributes`)
    attributes.set(name, text.slice(equals + 1, end))
    at = end + 1
  }
  if (text.length !== at + 1 || text[at] !== '\n') throw malformed('DRAC_POLICY', 'no empty line at the end')
  if (attributes.get('request') !== 'smtpd_access_policy') {
    throw malformed('DRAC_POLICY', 'no request=smtpd_access_policy')
  }
  return attributes
}

/** Throws `malformed` for a name or a value that would not come back as it is. */
export function encodeRequest(attributes: Attributes): Buffer {
  const lines = [...attributes].map(([name, value]) => {
    if (name === '' || /[=\n]/.test(name) || value.includes('\n')) throw malformed('DRAC_POLICY', 'a line break')
    return `${name}=${value}\n`
  })
  return Buffer.from(`${lines.join('')}\n`)
}

/** @param action as in access(5): `OK`, `DUNNO`, `451 4.3.0 text`. What is not printable ASCII comes out as `?`, so that nothing ends the line. */
export const encodeReply = (action: string): Buffer =>
  Buffer.from(`action=${action.replaceAll(/[^ -~]/g, '?')}\n\n`, 'latin1')

/** @param bytes a reply with its empty line. Throws `malformed`. */
export function decodeReply(bytes: Uint8Array): string {
  const found = /^action=([^\n]*)\n\n$/.exec(Buffer.from(bytes).toString('latin1'))
  if (!found) throw malformed('DRAC_POLICY', 'a reply that is not action=...')
  return found[1]!
}
