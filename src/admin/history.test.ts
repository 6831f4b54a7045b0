import { expect, test } from 'vitest'
import { countReport, newCounters } from '../core/counters.ts'
import { History, SLICE_SECONDS, SLICES } from './history.ts'

const START = 1_790_000_400

function setUp() {
  const counters = newCounters()
  const clock = { now: START }
  return { counters, clock, history: new History(counters, () => clock.now) }
}

test('counts logins by source and look-ups by verdict, and nothing else, in slices of time', () => {
  const { counters, clock, history } = setUp()
  countReport(counters, 'dovecot', 'added')
  countReport(counters, 'dovecot', 'renewed')
  countReport(counters, 'dovecot', 'alive')
  countReport(counters, 'log cyrus', 'added')
  countReport(counters, 'drac-rpc', 'refused untrusted-reporter')
  counters.lookups.permit += 3
  clock.now += SLICE_SECONDS
  history.turn()
  countReport(counters, 'dovecot', 'added')
  counters.lookups.dunno += 2
  expect(history.view().slices).toEqual([
    { from: START, logins: { dovecot: 2, log: 1 }, permitted: 3, refused: 0, tempfailed: 0 },
    { from: START + SLICE_SECONDS, logins: { dovecot: 1 }, permitted: 0, refused: 2, tempfailed: 0 },
  ])
})

test('keeps a day, leaves out empty slices, and goes on after a restart', () => {
  const { counters, clock, history } = setUp()
  countReport(counters, 'dovecot', 'added')
  clock.now += 3 * SLICE_SECONDS
  const before = history.view()
  expect(before.slices.map(({ from }) => from)).toEqual([START, clock.now])
  const next = new History(newCounters(), () => clock.now)
  next.restore(before)
  expect(next.view().slices[0]).toEqual(before.slices[0])
  clock.now = START + SLICES * SLICE_SECONDS
  expect(next.view().slices).toHaveLength(1)
})
