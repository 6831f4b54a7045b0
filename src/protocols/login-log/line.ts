// One line of a log file, cut into who says what. RFC 3164 as syslog daemons write it to files, and servers' own logs.
import { stampEnd, timeOfStamp } from './stamp.ts'

export interface Line {
  readonly at: number
  /** Empty in a server's own log file. */
  readonly host: string
  /** The tag without its pid, exactly as written; empty in a server's own log file. */
  readonly program: string
  readonly pid?: string
  readonly message: string
}

const SPACE = 0x20
const COLON = 0x3a
const OPEN = 0x5b
const CLOSE = 0x5d
/** Solaris puts a message id first: `[ID 702911 mail.info] `. */
const SOLARIS_ID = /^\[ID \d{1,10} [a-z0-9]{1,10}\.[a-z]{1,10}\] /
/** Dovecot 1 puts its name before the timestamp of its own log. */
const DOVECOT_1 = 'dovecot: '
const HOST = new Uint8Array(65_536)
for (const c of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-:_') HOST[c.charCodeAt(0)] = 1

/** Where the parts of a line are; one is used for many lines, because most lines are of no interest. */
export class LineScan {
  stampBegin = 0
  stampEnd = 0
  programBegin = 0
  programEnd = 0
  /** Of the pid, equal when there is none. */
  pidBegin = 0
  pidEnd = 0
  messageBegin = 0

  /**
   * Finds the parts of `TIMESTAMP HOST TAG: MESSAGE` and `TIMESTAMP HOST TAG[PID]: MESSAGE`. Where no host name stands
   * in the second place (`TIMESTAMP imap-login: Info: ...`, `TIMESTAMP imap(al ice)<86><..>: Info: ...`) it is a line
   * of a server's own file: no host, no program, all the rest is the message. False for what is no line of a log, also
   * for RFC 5424's.
   */
  scan(text: string, from: number, to: number): boolean {
    const old = text.charCodeAt(from) === 0x64 && text.startsWith(DOVECOT_1, from)
    this.stampBegin = old ? from + DOVECOT_1.length : from
    this.stampEnd = stampEnd(text, this.stampBegin, to)
    if (this.stampEnd < 0) return false
    const hostEnd = old ? -1 : endOfHost(text, this.stampEnd + 1, to)
    return hostEnd < 0 ? this.#own() : this.#tag(text, hostEnd + 1, to)
  }

  get isOwn(): boolean {
    return this.programBegin === this.programEnd
  }

  #own(): boolean {
    this.programBegin = this.programEnd = this.pidBegin = this.pidEnd = this.messageBegin = this.stampEnd + 1
    return true
  }

  #tag(text: string, from: number, to: number): boolean {
    let at = from
    let c = text.charCodeAt(at)
    while (at < to && c !== COLON && c !== OPEN && c !== SPACE) c = text.charCodeAt(++at)
    if (at === from || at >= to) return false
    this.programBegin = from
    this.programEnd = this.pidBegin = this.pidEnd = at
    if (c === OPEN) {
      this.pidBegin = ++at
      for (c = text.charCodeAt(at); c >= 0x30 && c <= 0x39 && at < to; ) c = text.charCodeAt(++at)
      if (c !== CLOSE) return false
      this.pidEnd = at
      c = text.charCodeAt(++at)
    }
    this.messageBegin = at + 2
    return c === COLON && this.messageBegin <= to && text.charCodeAt(at + 1) === SPACE
  }
}

/** Where the name that begins here ends; -1 where it has another character than a host name or ends in a colon. */
function endOfHost(text: string, from: number, to: number): number {
  let at = from
  while (at < to && HOST[text.charCodeAt(at)] === 1) at++
  if (at >= to) return to
  return text.charCodeAt(at) === SPACE && text.charCodeAt(at - 1) !== COLON ? at : -1
}

/** The message without what Solaris puts before it. */
export const withoutSolarisId = (message: string): string =>
  message.charCodeAt(0) === OPEN && message.startsWith('[ID ') ? message.replace(SOLARIS_ID, '') : message

/** @param now seconds since the epoch; a stamp without a year is dated by it. Undefined for what is no log line. */
export function parseLine(line: string, now: number): Line | undefined {
  const scan = new LineScan()
  if (!scan.scan(line, 0, line.length)) return undefined
  const at = timeOfStamp(line.slice(scan.stampBegin, scan.stampEnd), now)
  if (at === undefined) return undefined
  return {
    at,
    host: scan.isOwn ? '' : line.slice(scan.stampEnd + 1, scan.programBegin - 1),
    program: line.slice(scan.programBegin, scan.programEnd),
    ...(scan.pidBegin === scan.pidEnd ? {} : { pid: line.slice(scan.pidBegin, scan.pidEnd) }),
    message: withoutSolarisId(line.slice(scan.messageBegin)),
  }
}
