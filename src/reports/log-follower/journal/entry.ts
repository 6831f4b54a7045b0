// One entry of the journal as `journalctl -o json` prints it, systemd.journal-fields(7).

export interface JournalEntry {
  readonly program: string
  readonly pid?: string
  readonly message: string
  /** Seconds since the epoch. */
  readonly at: number
}

export interface Parsed {
  /** Where to go on after it. */
  readonly cursor: string
  /** Undefined when it is none of the units', or not a line of text by one program. */
  readonly entry?: JournalEntry
  /** Its message is too long to be shown. */
  readonly overlong: boolean
}

/** What is asked for; the cursor and the time come with every entry. */
export const FIELDS = ['MESSAGE', 'SYSLOG_IDENTIFIER', 'SYSLOG_PID', '_PID', '_COMM', '_SYSTEMD_UNIT']

/**
 * The unit is what journald itself found out about the sender: fields with an underscore in front cannot be set by it.
 * Undefined for what is no entry.
 */
export function parseEntry(line: string, units: ReadonlySet<string>): Parsed | undefined {
  const fields = fieldsOf(line)
  const [cursor, time] = [textOf(fields?.__CURSOR), textOf(fields?.__REALTIME_TIMESTAMP)]
  if (fields === undefined || cursor === undefined || time === undefined || !/^\d{1,17}$/.test(time)) return undefined
  const unit = textOf(fields._SYSTEMD_UNIT)
  if (unit === undefined || !units.has(unit)) return { cursor, overlong: false }
  // journalctl prints null for a value that is longer than 4096 bytes.
  if (fields.MESSAGE === null) return { cursor, overlong: true }
  const message = textOf(fields.MESSAGE)
  // Fields that a program sets may come several times: which one would count?
  const program = 'SYSLOG_IDENTIFIER' in fields ? textOf(fields.SYSLOG_IDENTIFIER) : textOf(fields._COMM)
  if (message === undefined || program === undefined) return { cursor, overlong: false }
  const pid = 'SYSLOG_PID' in fields ? textOf(fields.SYSLOG_PID) : textOf(fields._PID)
  const at = Math.floor(Number(time) / 1_000_000)
  return { cursor, overlong: false, entry: { program, message, at, ...(pid === undefined ? {} : { pid }) } }
}

function fieldsOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** A text, or the bytes that journalctl prints as a list of numbers where they are no printable UTF-8. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  const isBytes = Array.isArray(value) && value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256)
  return isBytes ? Buffer.from(value as number[]).toString('utf8') : undefined
}

const UNIT_TYPES = /\.(service|socket|scope|slice|mount|timer|path|target|device|swap|automount)$/

/** `dovecot` is `dovecot.service`, as everywhere in systemd. */
export const unitName = (unit: string): string => (UNIT_TYPES.test(unit) ? unit : `${unit}.service`)
