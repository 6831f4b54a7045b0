// Beside hostile peers of every kind a good client is served, nothing it asks stays unanswered, and memory stays bounded.
// How fast is printed, not judged: bench/hostile.ts does that on a quiet machine.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ATTACKS, type Attack } from './attacks.ts'
import { lines, Siege } from './siege.ts'

const MAX_GROWTH_MB = 60
const attacks = Object.keys(ATTACKS) as Attack[]
let siege: Siege
beforeAll(async () => {
  siege = await Siege.begin()
})
afterAll(() => siege.end())

test.each<[string, readonly Attack[]]>([
  ...attacks.map((attack): [string, readonly Attack[]] => [attack, [attack]]),
  ['all of them at once', attacks],
])('%s', { timeout: 120_000 }, async (name, together) => {
  const outcome = await siege.withstand(together, 2_000)
  console.info([`beside ${name}, memory ${outcome.growth.toFixed(1)} MB more:`, ...lines(outcome)].join('\n  '))
  expect(outcome.wrong).toEqual([])
  for (const latencies of Object.values(outcome.latencies)) expect(latencies.length).toBeGreaterThan(0)
  expect(outcome.growth).toBeLessThan(MAX_GROWTH_MB)
  expect(siege.alive).toBe(true)
})
