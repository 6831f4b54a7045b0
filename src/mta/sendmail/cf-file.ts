// sendmail.cf: its maps (K) and its rules (R), section 5 of the Sendmail Installation and Operation Guide.

export interface KLine {
  readonly name: string
  readonly mapClass: string
  /** `-d5s`, `-T<TMPF>`. */
  readonly flags: readonly string[]
  readonly argument: string
  /** From 1. */
  readonly line: number
}
export interface Rule {
  readonly lhs: string
  /** Empty when no tab separates it from the left side. */
  readonly rhs: string
  readonly line: number
}
export interface Ruleset {
  readonly name: string
  readonly rules: readonly Rule[]
}
export interface SendmailCf {
  readonly maps: readonly KLine[]
  readonly rulesets: readonly Ruleset[]
}

/** A line that begins with white space goes on with the one before. */
function logicalLines(text: string): { raw: string; line: number }[] {
  const lines: { raw: string; line: number }[] = []
  text.split('\n').forEach((raw, i) => {
    if (/^[ \t]/.test(raw) && lines.length > 0) lines.at(-1)!.raw += raw
    else lines.push({ raw, line: i + 1 })
  })
  return lines
}

/** Rulesets of one name are one, as sendmail appends to them. */
export function parseSendmailCf(text: string): SendmailCf {
  const maps: KLine[] = []
  const rulesets = new Map<string, Rule[]>()
  let current: Rule[] | undefined
  for (const { raw, line } of logicalLines(text)) {
    const k = /^K\s*(\S+)\s+(\S+)\s*(.*)$/.exec(raw)
    if (k) {
      const words = k[3]!.split(/\s+/).filter((word) => word !== '')
      const first = words.findIndex((word) => !word.startsWith('-'))
      const flags = first < 0 ? words : words.slice(0, first)
      maps.push({ name: k[1]!, mapClass: k[2]!, flags, argument: words.slice(flags.length).join(' '), line })
    }
    const s = /^S\s*([^\s=]+)/.exec(raw)?.[1]
    if (s !== undefined) {
      current = rulesets.get(s) ?? []
      rulesets.set(s, current)
    }
    if (raw.startsWith('R')) {
      const [lhs = '', rhs = ''] = raw.slice(1).split(/\t+/)
      current?.push({ lhs: lhs.trim(), rhs: rhs.trim(), line })
    }
  }
  return { maps, rulesets: [...rulesets].map(([name, rules]) => ({ name, rules })) }
}
