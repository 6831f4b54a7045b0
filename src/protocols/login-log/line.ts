// One line of a log file, cut into who says what. RFC 3164 as syslog daemons write it to files, and servers' own logs.
import { stampEnd, timeOfStamp } from './stamp.ts'

/** A line cut up; the time is not looked at yet, for most lines are of no interest. */
export interface SplitLine {
  readonly stamp: string
  /** Empty in a server's own log file. */
  readonly host: string
  /** The tag without its pid, exactly as written; empty in a server's own log file. */
  readonly program: string
  readonly pid: string | undefined
  readonly message: string
}

export interface Line {
  readonly at: number
  readonly host: string
  readonly program: string
  readonly pid?: string
  readonly message: string
}

const COLON = 0x3a
/** Solaris puts a message id first: `[ID 702911 mail.info] `. */
const SOLARIS_ID = /^\[ID \d{1,10} [a-z0-9]{1,10}\.[a-z]{1,10}\] /
/** Dovecot 1 puts its name before the timestamp of its own log. */
const DOVECOT_1 = 'dovecot: '

const HOST = new Uint8Array(128)
for (const c of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-:_') HOST[c.charCodeAt(0)] = 1

/**
 * Cuts `TIMESTAMP HOST TAG: MESSAGE` and `TIMESTAMP HOST TAG[PID]: MESSAGE`. What has no host and a second word that
 * ends in a colon or has a parenthesis (`TIMESTAMP imap-login: Info: ...`, `TIMESTAMP imap(al ice)<86><..>: Info: ...`)
 * is a line of a server's own file: no host, no program, all the rest is the message. RFC 5424 lines yield undefined.
 */
export function splitLine(line: string): SplitLine | undefined {
  const old = line.charCodeAt(0) === 0x64 && line.startsWith(DOVECOT_1)
  const begin = old ? DOVECOT_1.length : 0
  const end = stampEnd(line, begin)
  if (end < 0) return undefined
  const hostEnd = line.indexOf(' ', end + 1)
  if (hostEnd < 0) return undefined
  if (old || !endsAsHost(line, end + 1, hostEnd))
    return { stamp: line.slice(begin, end), host: '', program: '', pid: undefined, message: line.slice(end + 1) }
  const tagEnd = line.indexOf(' ', hostEnd + 1)
  if (tagEnd < 0 || line.charCodeAt(tagEnd - 1) !== COLON) return undefined
  return cut(line, end, hostEnd, tagEnd)
}

/** Letters, digits, `.`, `-`, `:`, `_`, and no colon at the end. */
function endsAsHost(line: string, from: number, to: number): boolean {
  if (line.charCodeAt(to - 1) === COLON) return false
  for (let at = from; at < to; at++) if (HOST[line.charCodeAt(at)] !== 1) return false
  return true
}

function cut(line: string, end: number, hostEnd: number, tagEnd: number): SplitLine {
  let programEnd = tagEnd - 1
  let pid: string | undefined
  if (line.charCodeAt(programEnd - 1) === 0x5d) {
    const bracket = line.lastIndexOf('[', programEnd)
    if (bracket > hostEnd) {
      pid = line.slice(bracket + 1, programEnd - 1)
      programEnd = bracket
    }
  }
  return {
    stamp: line.slice(0, end),
    host: line.slice(end + 1, hostEnd),
    program: line.slice(hostEnd + 1, programEnd),
    pid,
    message: line.slice(tagEnd + 1),
  }
}

/** The message without what Solaris puts before it. */
export const withoutSolarisId = (message: string): string =>
  message.charCodeAt(0) === 0x5b && message.startsWith('[ID ') ? message.replace(SOLARIS_ID, '') : message

/** @param now seconds since the epoch; a stamp without a year is dated by it. Undefined for what is no log line. */
export function parseLine(line: string, now: number): Line | undefined {
  const split = splitLine(line)
  if (!split) return undefined
  const at = timeOfStamp(split.stamp, now)
  if (at === undefined) return undefined
  const { host, program, pid } = split
  return { at, host, program, ...(pid === undefined ? {} : { pid }), message: withoutSolarisId(split.message) }
}
