// The log, on standard error: a line each.
import { fstatSync } from 'node:fs'
import { isatty } from 'node:tty'
import { destination, type Logger, pino } from 'pino'
import { formatLine, type LogFormat } from './log-format.ts'

export type Log = Logger

/** @param level debug, info, warn or error @param format `auto`: text at a terminal, JSON everywhere else */
export function openLog(level: string, format: LogFormat | 'auto' = 'auto'): Log {
  const chosen = format === 'auto' ? (isatty(2) ? 'text' : 'json') : format
  const journal = isJournal()
  // Synchronous: the line that says why the process ends must not be lost with it.
  const stream = destination({ dest: 2, sync: true })
  return pino(
    {
      level,
      base: null,
      messageKey: 'message',
      formatters: { level: (label) => ({ level: label }) },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
    },
    chosen === 'json' && !journal ? stream : { write: (line) => stream.write(formatLine(line, chosen, journal)) },
  )
}

/** systemd.exec(5): JOURNAL_STREAM names the device and inode of what leads to the journal. */
function isJournal(env = process.env.JOURNAL_STREAM): boolean {
  try {
    const { dev, ino } = fstatSync(2)
    return env === `${dev}:${ino}`
  } catch {
    return false
  }
}

const LONGEST = 128

/** Text from outside, cut; JSON escapes the rest of what could forge a line. */
export const outside = (text: string): string => (text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`)
