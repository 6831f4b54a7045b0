// How a log line looks: JSON for programs, text for people at a terminal, a priority in front for the journal.

export type LogFormat = 'json' | 'text'

/** As syslog(3) counts them; sd-daemon(3) has them in front of a line as `<4>`. */
const PRIORITY: Readonly<Record<string, number>> = { fatal: 2, error: 3, warn: 4, info: 6, debug: 7, trace: 7 }

/** @param json one line as pino writes it, its end included @param journal whether standard error is the journal's */
export function formatLine(json: string, format: LogFormat, journal: boolean): string {
  if (format === 'json' && !journal) return json
  const line = JSON.parse(json) as Readonly<Record<string, unknown>>
  const prefix = journal ? `<${PRIORITY[String(line.level)] ?? 6}>` : ''
  return format === 'json' ? `${prefix}${json}` : `${prefix}${text(line, journal)}\n`
}

/** `2026-11-25 20:15:03 warn refused via=drac-rpc client=192.0.2.25: message`; the journal has the time itself. */
function text(line: Readonly<Record<string, unknown>>, journal: boolean): string {
  const { time, level, event, message, ...rest } = line
  const details = Object.entries(rest).map(([name, value]) => `${name}=${word(value)}`)
  const when = journal ? [] : [String(time).replace('T', ' ').replace(/\..*/, '')]
  const head = [...when, ...(level === 'info' ? [] : [String(level)]), String(event ?? ''), ...details].join(' ')
  return message === undefined ? head : `${head}: ${printable(String(message))}`
}

/** One word, or quoted. */
function word(value: unknown): string {
  const plain = typeof value === 'string' ? value : JSON.stringify(value)
  return typeof value === 'string' && !/^[\w.:/@+-]+$/.test(plain) ? printable(JSON.stringify(plain)) : printable(plain)
}

/** What could move a cursor, or look like another line, comes out as `?`. */
const printable = (said: string): string => said.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '?')
