// What a page of docs/ has for a test. The conventions, of which a reader sees only what helps them:
//
//   ```console            commands after "$ ", each with the output that is expected: "..." in a line is any text, a
//                         line of "..." any lines. A command that fails is followed by "$ echo $?".
//   ```toml /etc/x        a file, written whole; ">> /etc/x" is added to the end of one
//   ```text               anything else: pictures, what a program shows
//   <!-- test: WORDS -->  what happens outside of the host meanwhile (happenings.ts)
export interface Command {
  readonly line: number
  readonly text: string
  readonly expected: readonly string[]
}

export type Step =
  | { readonly kind: 'commands'; readonly line: number; readonly commands: readonly Command[] }
  | {
      readonly kind: 'file'
      readonly line: number
      readonly path: string
      readonly append: boolean
      readonly text: string
    }
  | { readonly kind: 'happening'; readonly line: number; readonly words: string }

/** Throws for a block of which nobody would notice that it is wrong. */
export function stepsOf(page: string, markdown: string): Step[] {
  const steps: Step[] = []
  const lines = markdown.split('\n')
  for (let i = 0; i < lines.length; i++) {
    const words = /^<!-- test: (.*) -->$/.exec(lines[i]!)?.[1]
    if (words !== undefined) steps.push({ kind: 'happening', line: i + 1, words })
    const fence = /^```(\w*) ?(>> )?(\S*)$/.exec(lines[i]!)
    if (/^ {4}\S/.test(lines[i]!) && lines[i - 1] === '')
      throw new Error(`${page}:${i + 1}: an indented block: use a fence`)
    if (!fence) continue
    const end = lines.indexOf('```', i + 1)
    const body = lines.slice(i + 1, end)
    const [, language, append, path] = fence
    if (language === 'console') steps.push({ kind: 'commands', line: i + 1, commands: commandsOf(body, i + 2) })
    else if (path)
      steps.push({ kind: 'file', line: i + 1, path, append: append !== undefined, text: `${body.join('\n')}\n` })
    else if (language !== 'text')
      throw new Error(`${page}:${i + 1}: a block of ${language || 'nothing'}: console, text, or a file`)
    else if (body.some((line) => /^[$#] /.test(line))) throw new Error(`${page}:${i + 1}: commands in a block of text`)
    i = end
  }
  return steps
}

function commandsOf(body: readonly string[], first: number): Command[] {
  const commands: { line: number; text: string; expected: string[] }[] = []
  let open = false
  body.forEach((line, i) => {
    if (open) commands.at(-1)!.text += `\n${line}`
    else if (line.startsWith('$ ')) commands.push({ line: first + i, text: line.slice(2), expected: [] })
    else commands.at(-1)!.expected.push(line)
    open = (open || line.startsWith('$ ')) && line.endsWith('\\')
  })
  return commands
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Whether a program wrote this; blanks count as one. */
export function isAsExpected(expected: readonly string[], output: string): boolean {
  const pattern = expected.map((line) => {
    if (line.trim() === '...') return '(?:.*\\n)*?'
    const parts = line
      .trimEnd()
      .split('...')
      .map((part) => escaped(part).replaceAll(/[ \t]+/g, '[ \\t]+'))
    return `${parts.join('.*')}[ \\t]*\\n`
  })
  return new RegExp(`^${pattern.join('')}$`).test(output === '' || output.endsWith('\n') ? output : `${output}\n`)
}
