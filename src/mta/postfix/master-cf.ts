// master.cf as master(5) describes it: the smtpd services, whether they are chrooted, and what -o sets for them.

export interface SmtpdService {
  /** `smtp inet`, `submission inet`. */
  readonly name: string
  readonly chroot: 'y' | 'n' | '-'
  /** From 1. */
  readonly line: number
  readonly options: ReadonlyMap<string, { readonly value: string; readonly line: number }>
}

export function parseMasterCf(text: string): SmtpdService[] {
  return logicalLines(text).flatMap(({ lines }) => {
    const first = lines[0]!
    const [service, type, , , chroot, , , command] = first.text.trim().split(/\s+/)
    if (command !== 'smtpd' || type === undefined) return []
    return [
      {
        name: `${service} ${type}`,
        chroot: chroot === 'y' || chroot === 'n' ? chroot : '-',
        line: first.number,
        options: options(lines),
      },
    ]
  })
}

interface Line {
  readonly text: string
  readonly number: number
}

function logicalLines(text: string): { lines: Line[] }[] {
  const found: { lines: Line[] }[] = []
  text.split('\n').forEach((raw, i) => {
    if (/^\s*(#|$)/.test(raw)) return
    const line = { text: raw, number: i + 1 }
    if (/^\s/.test(raw)) found.at(-1)?.lines.push(line)
    else found.push({ lines: [line] })
  })
  return found
}

/** `-o name=value` without blanks, or `-o { name = value }`. */
function options(lines: readonly Line[]): Map<string, { value: string; line: number }> {
  const found = new Map<string, { value: string; line: number }>()
  for (const { text, number } of lines) {
    for (const match of text.matchAll(/-o\s+(?:\{\s*(\w+)\s*=\s*((?:[^{}]|\{[^{}]*\})*?)\s*\}|(\w+)=(\S*))/g)) {
      found.set((match[1] ?? match[3])!, { value: (match[2] ?? match[4])!, line: number })
    }
  }
  return found
}
