import { expect, test } from 'vitest'
import { findBlock, markers, withBlock } from './block.ts'

const mark = markers('#')
const manual = expect.objectContaining({ kind: 'config', code: 'DRAC_MANUAL' })

test('a block is put at the end, replaced where it is, and not touched when it is the same', () => {
  const first = withBlock('a\n', mark, 'one\n')
  expect(first).toBe('a\n\n# BEGIN drac\none\n# END drac\n')
  const moved = `${first}b`
  expect(withBlock(moved, mark, 'two\nthree')).toBe('a\n\n# BEGIN drac\ntwo\nthree\n# END drac\nb')
  expect(withBlock(moved, mark, 'one')).toBe(moved)
  expect(withBlock('', mark, 'one')).toBe('# BEGIN drac\none\n# END drac\n')
})

test('markers may be indented, and say more', () => {
  const text = 'acl:\n  # BEGIN drac put here by hand\n  old\n  # END drac\n  deny\n'
  expect(withBlock(text, mark, 'x\n\ny\n')).toBe('acl:\n  # BEGIN drac\n  x\n\n  y\n  # END drac\n  deny\n')
  expect(findBlock('# BEGIN dracula\n', mark)).toBeUndefined()
})

test.each(['# BEGIN drac\n', '# END drac\n', '# END drac\n# BEGIN drac\n', '# BEGIN drac\n# BEGIN drac\n# END drac\n'])(
  'half a block is left to its author: %j',
  (text) => {
    expect(() => withBlock(text, mark, 'x')).toThrow(manual)
  },
)
