// Exim's configuration by logical lines, and its ACL statements.

export interface Line {
  readonly text: string
  /** From 1. */
  readonly number: number
}

/** Comments and blank lines left out; a backslash at the end joins the next line. */
export function logicalLines(text: string): Line[] {
  const lines: { text: string; number: number }[] = []
  let joining = false
  text.split('\n').forEach((raw, i) => {
    if (/^\s*#/.test(raw) || (!joining && raw.trim() === '')) return
    const part = raw.replace(/\\\s*$/, '')
    if (joining) lines.at(-1)!.text += part.trim()
    else lines.push({ text: part.trimEnd(), number: i + 1 })
    joining = /\\\s*$/.test(raw)
  })
  return lines
}

export interface Statement {
  readonly verb: string
  /** Its first line with the verb, and those of its conditions. */
  readonly lines: readonly Line[]
}

const VERB = /^\s*(accept|defer|deny|discard|drop|require|warn)\b/

/** Every run of an ACL verb and its conditions; what stands outside of ACLs is in none. */
export function statements(lines: readonly Line[]): Statement[] {
  const found: { verb: string; lines: Line[] }[] = []
  let open = false
  for (const line of lines) {
    const verb = VERB.exec(line.text)?.[1]
    if (verb !== undefined) found.push({ verb, lines: [line] })
    else if (/^\s*(begin\s|\w+:\s*$)/.test(line.text)) open = false
    else if (open) found.at(-1)!.lines.push(line)
    if (verb !== undefined) open = true
  }
  return found
}
