import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { generated } from './generated.ts'

test.each(Object.entries(generated()))('%s is what "npm run generate" writes', (name, text) => {
  const there = (() => {
    try {
      return readFileSync(name, 'utf8')
    } catch {
      return ''
    }
  })()
  expect(there === text, `${name} is stale or was edited by hand: npm run generate`).toBe(true)
  expect(text).toContain('DO NOT EDIT')
})
