import { expect, test } from 'vitest'
import { isAsExpected, stepsOf } from './blocks.ts'

const PAGE = `# Page

<!-- test: 192.0.2.9 may relay -->
\`\`\`console
$ first \\
  --option
out ...
$ second
$ echo $?
1
\`\`\`

\`\`\`toml >> /etc/x
a = 1
\`\`\`
`

test('a page is read', () => {
  expect(stepsOf('p', PAGE)).toEqual([
    { kind: 'happening', line: 3, words: '192.0.2.9 may relay' },
    {
      kind: 'commands',
      line: 4,
      commands: [
        { line: 5, text: 'first \\\n  --option', expected: ['out ...'] },
        { line: 8, text: 'second', expected: [] },
        { line: 9, text: 'echo $?', expected: ['1'] },
      ],
    },
    { kind: 'file', line: 13, path: '/etc/x', append: true, text: 'a = 1\n' },
  ])
})

test.each([
  ['an indented block', 'x\n\n    rm -rf /\n'],
  ['a block without a language', '```\nls\n```\n'],
  ['a block of sh', '```sh\nls\n```\n'],
  ['commands in a block of text', '```text\n$ ls\n```\n'],
])('%s would not be tested, and is refused', (_, markdown) => {
  expect(() => stepsOf('p', markdown)).toThrow(/^p:\d/)
})

test('what is expected', () => {
  expect(isAsExpected(['a ... c'], 'a b c\n')).toBe(true)
  expect(isAsExpected(['a   b'], 'a b')).toBe(true)
  expect(isAsExpected(['a', '...', 'c'], 'a\nb\nb\nc\n')).toBe(true)
  expect(isAsExpected(['a', '...', 'c'], 'a\nc\n')).toBe(true)
  expect(isAsExpected([], '')).toBe(true)
  expect(isAsExpected([], 'x\n')).toBe(false)
  expect(isAsExpected(['a'], 'a\nb\n')).toBe(false)
  expect(isAsExpected(['a.c'], 'abc\n')).toBe(false)
  expect(isAsExpected(['a', '...'], 'b\n')).toBe(false)
})
