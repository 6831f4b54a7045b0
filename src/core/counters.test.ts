import { expect, test } from 'vitest'
import { countReport, newCounters } from './counters.ts'

test.each(['__proto__', 'constructor', 'toString'])('a source called %s is a source like others', (name) => {
  const counters = newCounters()
  countReport(counters, name, 'added')
  countReport(counters, name, 'added')
  expect(({} as Record<string, unknown>).added).toBeUndefined()
  expect((Object as unknown as Record<string, unknown>).added).toBeUndefined()
  expect(Object.entries(counters.reports)).toEqual([[name, { added: 2 }]])
})
