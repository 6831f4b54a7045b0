// Durations: `30m` in files and on command lines, whole seconds inside.
import { malformed } from './errors.ts'

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const

/** `90`, `90s`, `30m`, `24h`, `1h30m`, `7d`: whole seconds. Units as in Postfix; a bare number is seconds. Throws `malformed` DRAC_DURATION. */
export function parseDuration(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text)
  if (!/^(\d{1,10}[smhdw])+$/.test(text)) {
    throw malformed('DRAC_DURATION', `${JSON.stringify(text)} is not a duration; write 30m, 24h or 1h30m`)
  }
  let seconds = 0
  for (const [, count, unit] of text.matchAll(/(\d+)([smhdw])/g))
    seconds += Number(count) * SECONDS[unit as keyof typeof SECONDS]
  return seconds
}

/** At most two units, for people: `29m 12s`, `2h 5m`, `3d`. */
export function formatDuration(seconds: number): string {
  const units = [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ] as const
  let rest = Math.max(0, Math.floor(seconds))
  const parts: string[] = []
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) parts.push(`${count}${unit}`)
    else if (parts.length > 0) break
    if (parts.length === 2) break
  }
  return parts.length > 0 ? parts.join(' ') : '0s'
}

/** Exactly, and as parseDuration reads it: `30m`, `1h30m`, `24h`, `2d`, `0s`. */
export function writeDuration(seconds: number): string {
  let rest = seconds
  let text = ''
  for (const unit of seconds < 2 * SECONDS.d ? (['h', 'm', 's'] as const) : (['d', 'h', 'm', 's'] as const)) {
    const count = Math.floor(rest / SECONDS[unit])
    rest -= count * SECONDS[unit]
    if (count > 0) text += `${count}${unit}`
  }
  return text || '0s'
}
