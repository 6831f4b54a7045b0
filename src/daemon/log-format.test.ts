import { expect, test } from 'vitest'
import { formatLine } from './log-format.ts'

const LINE = `${JSON.stringify({ level: 'warn', time: '2026-11-25T20:15:03.123Z', event: 'refused', via: 'drac-rpc', client: '192.0.2.25', count: 3, note: 'two words', message: 'why' })}\n`

test('JSON is left as it is', () => {
  expect(formatLine(LINE, 'json', false)).toBe(LINE)
})

test('the journal learns the priority of a line', () => {
  expect(formatLine(LINE, 'json', true)).toBe(`<4>${LINE}`)
  for (const [level, priority] of Object.entries({ fatal: 2, error: 3, info: 6, debug: 7 }))
    expect(formatLine(LINE.replace('warn', level), 'json', true).slice(0, 3)).toBe(`<${priority}>`)
})

test('text is for people', () => {
  const line = 'refused via=drac-rpc client=192.0.2.25 count=3 note="two words": why\n'
  expect(formatLine(LINE, 'text', false)).toBe(`2026-11-25 20:15:03 warn ${line}`)
  expect(formatLine(LINE, 'text', true)).toBe(`<4>warn ${line}`)
})

test('text from outside forges no line and moves no cursor', () => {
  const evil = 'x\n2026-11-25 20:15:04 added 1.2.3.4 \u001b[2K\u2028\u009b"'
  for (const name of ['user', 'message']) {
    const line = formatLine(
      `${JSON.stringify({ level: 'info', time: 't', event: 'e', [name]: evil })}\n`,
      'text',
      false,
    )
    expect(line.trimEnd().split(/\p{Cc}|\p{Zl}/u)).toHaveLength(1)
    expect(line.endsWith('\n')).toBe(true)
  }
})
