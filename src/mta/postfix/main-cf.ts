// main.cf as postconf(5) describes it: NAME = VALUE, comments, lines that go on after white space.

export interface Parameter {
  readonly name: string
  /** In one line. */
  readonly value: string
  /** Its first and last line, from 1. */
  readonly line: number
  readonly lastLine: number
}

/** Every definition in order; of two with one name the later is in force. */
export function parseMainCf(text: string): Parameter[] {
  const found: { name: string; value: string; line: number; lastLine: number }[] = []
  text.split('\n').forEach((raw, i) => {
    if (/^\s*(#|$)/.test(raw)) return
    const last = found.at(-1)
    if (/^\s/.test(raw)) {
      if (!last) return
      last.value = `${last.value} ${raw.trim()}`.trim()
      last.lastLine = i + 1
      return
    }
    const equals = raw.indexOf('=')
    if (equals < 0) return
    const value = raw.slice(equals + 1).trim()
    found.push({ name: raw.slice(0, equals).trim(), value, line: i + 1, lastLine: i + 1 })
  })
  return found
}

export const parameter = (parameters: readonly Parameter[], name: string): Parameter | undefined =>
  parameters.findLast((each) => each.name === name)

/** `$name`, `${name}`, `$(name)` of parameters that are set, replaced; others stay. */
export function expand(value: string, parameters: readonly Parameter[], depth = 0): string {
  if (depth > 8) return value
  return value.replace(/\$(?:\{(\w+)\}|\((\w+)\)|(\w+))/g, (whole, a?: string, b?: string, c?: string) => {
    const found = parameter(parameters, (a ?? b ?? c)!)
    return found ? expand(found.value, parameters, depth + 1) : whole
  })
}
