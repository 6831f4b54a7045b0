// The timestamps that log lines begin with.

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DAY = 86_400
/** asctime(3). */
const CTIME = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ 0-3]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/
const TRADITIONAL = /^([A-Z][a-z]{2}) ([ 0-3]\d) (\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?$/
const ISO = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,]\d{1,9})?(?:(Z)|([+-])(\d\d):?(\d\d))?$/

/**
 * Where the timestamp of this line ends (its space); -1 when the line begins with none. Looks at a few characters only:
 * `Nov 22 17:45:37 `, `Tue Mar 08 12:53:46 2000 `, `2026-11-22T17:45:37.123456+01:00 `, `2026-11-22 17:45:37 `.
 */
export function stampEnd(text: string, from: number, to: number): number {
  if (text.charCodeAt(from + 3) === 0x20)
    return spaceAt(text, from + (text.charCodeAt(from + 7) === 0x20 ? 24 : 15), to)
  return text.charCodeAt(from + 4) === 0x2d ? spaceAt(text, from + 19, to) : -1
}

/** The first space at or after `from`, no more than 16 characters on: a fraction and a zone. */
function spaceAt(text: string, from: number, to: number): number {
  const end = Math.min(from + 17, to)
  for (let at = from; at < end; at++) if (text.charCodeAt(at) === 0x20) return at
  return -1
}

/**
 * Seconds since the epoch; undefined for what is no timestamp. A stamp without a zone is this host's local time. The
 * traditional form (RFC 3164 section 4.1.2) has no year: it is the latest year in which the day exists and is not
 * more than a day after `now`, so a line of December read in January is last year's.
 */
export function timeOfStamp(stamp: string, now: number): number | undefined {
  const old = TRADITIONAL.exec(stamp)
  if (old) return guessYear(MONTHS.indexOf(old[1]!), ...(old.slice(2, 6).map(Number) as Four), now)
  const c = CTIME.exec(stamp)
  if (c) return localTime(Number(c[6]), MONTHS.indexOf(c[1]!), ...(c.slice(2, 6).map(Number) as Four))
  const iso = ISO.exec(stamp)
  if (!iso) return undefined
  const [year, month, ...rest] = iso.slice(1, 7).map(Number) as [number, number, number, number, number, number]
  if (iso[7] === undefined && iso[8] === undefined) return localTime(year, month - 1, ...rest)
  const utc = valid(Date.UTC(year, month - 1, ...rest), month - 1, rest, true)
  const offset = iso[8] === undefined ? 0 : (Number(iso[9]) * 60 + Number(iso[10])) * 60
  return utc === undefined ? undefined : utc - (iso[8] === '-' ? -offset : offset)
}

type Four = [day: number, hour: number, minute: number, second: number]

function guessYear(month: number, day: number, hour: number, minute: number, second: number, now: number) {
  if (month < 0) return undefined
  const latest = new Date((now + DAY) * 1000).getFullYear()
  for (let year = latest; year > latest - 9; year--) {
    const time = localTime(year, month, day, hour, minute, second)
    if (time !== undefined && time <= now + DAY) return time
  }
  return undefined
}

const localTime = (year: number, month: number, ...rest: Four): number | undefined =>
  valid(new Date(year, month, ...rest).getTime(), month, rest, false)

/** Refuses 31 February and 25:00, which Date would carry over; a leap second counts as the next one. */
function valid(ms: number, month: number, [day, hour, minute, second]: Four, utc: boolean): number | undefined {
  if (hour > 23 || minute > 59 || second > 60) return undefined
  const date = new Date(ms - (second === 60 ? 1000 : 0))
  const [m, d] = utc ? [date.getUTCMonth(), date.getUTCDate()] : [date.getMonth(), date.getDate()]
  return m === month && d === day ? ms / 1000 : undefined
}
