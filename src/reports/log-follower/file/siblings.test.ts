import { expect, test } from 'vitest'
import { isRotated } from './siblings.ts'

test.each([
  ['mail.log.1', true],
  ['mail.log-20261125', true],
  ['mail.log-20261125-1764108000', true],
  ['mail.log.2026-11-25T10', true],
  ['mail-20261125.log', true],
  ['mail.1.log', true],
  ['mail.log', false],
  ['mail.log.1.gz', false],
  ['mail.log.old', false],
  ['mail.logger.1', false],
  ['mail.err.1', false],
  ['mail.log1', false],
  ['mail.log.', false],
])('%s is mail.log after a rotation: %s', (name, expected) => {
  expect(isRotated(name, 'mail.log')).toBe(expected)
})

test('a log without an extension', () => {
  expect(isRotated('maillog-20261125', 'maillog')).toBe(true)
  expect(isRotated('maillog', 'maillog')).toBe(false)
})
