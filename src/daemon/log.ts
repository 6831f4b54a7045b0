// The log: JSON, one line each, on standard error.
import { destination, type Logger, pino } from 'pino'

export type Log = Logger

/** @param level debug, info, warn or error */
export function openLog(level: string): Log {
  return pino(
    {
      level,
      base: null,
      messageKey: 'message',
      formatters: { level: (label) => ({ level: label }) },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
    },
    // Synchronous: the line that says why the process ends must not be lost with it.
    destination({ dest: 2, sync: true }),
  )
}

const LONGEST = 128

/** Text from outside, cut; JSON escapes the rest of what could forge a line. */
export const outside = (text: string): string => (text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`)
