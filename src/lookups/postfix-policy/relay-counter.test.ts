import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RelayCounter, type RelayLimits } from './relay-counter.ts'

const A = '192.0.2.5'
const messages = (messagesPerHour: number): RelayLimits => ({ messagesPerHour, recipientsPerHour: 0 })
const recipients = (recipientsPerHour: number): RelayLimits => ({ messagesPerHour: 0, recipientsPerHour })

function at(now: { value: number }, maxKeys?: number): RelayCounter {
  return new RelayCounter(() => now.value, maxKeys)
}

test('a message counts once, however many recipients it has', () => {
  const counter = at({ value: 0 })
  for (let message = 0; message < 3; message++) {
    for (const recipient of ['x', 'y', 'z']) {
      expect(counter.take({ key: A, instance: `m${message}`, recipient }, messages(3))).toBeUndefined()
    }
  }
  expect(counter.take({ key: A, instance: 'm3', recipient: 'x' }, messages(3))).toBe('messages')
  expect(counter.take({ key: A, instance: 'm2', recipient: 'late' }, messages(3))).toBeUndefined()
  expect(counter.take({ key: '192.0.2.9', instance: 'm3', recipient: 'x' }, messages(3))).toBeUndefined()
})

test('messages of sessions side by side count once each', () => {
  const counter = at({ value: 0 })
  for (const recipient of ['x', 'y', 'z']) {
    for (const instance of ['m1', 'm2'])
      expect(counter.take({ key: A, instance, recipient }, messages(2))).toBeUndefined()
  }
  expect(counter.take({ key: A, instance: 'm3', recipient: 'x' }, messages(2))).toBe('messages')
})

test('every recipient counts, but not twice when two lists of Postfix ask about it', () => {
  const counter = at({ value: 0 })
  const take = (instance: string, recipient: string) => counter.take({ key: A, instance, recipient }, recipients(3))
  for (const recipient of ['x', 'x', 'y', 'y', 'z', 'z']) expect(take('m1', recipient)).toBeUndefined()
  expect(take('m1', 'w')).toBe('recipients')
  expect(take('m1', 'z')).toBeUndefined()
  expect(take('m2', 'x')).toBe('recipients')
})

test('no instance: every recipient is a message', () => {
  const counter = at({ value: 0 })
  const take = () => counter.take({ key: A, instance: '', recipient: 'x' }, messages(2))
  expect([take(), take(), take()]).toEqual([undefined, undefined, 'messages'])
})

test('what was deferred was not counted: trying again every minute succeeds after the hour', () => {
  const now = { value: 1_000_000 }
  const counter = at(now)
  counter.take({ key: A, instance: 'm0', recipient: 'x' }, messages(1))
  const start = now.value
  let tries = 0
  do {
    now.value += 60
    tries++
  } while (counter.take({ key: A, instance: `retry ${tries}`, recipient: 'x' }, messages(1)) === 'messages')
  expect(now.value - start).toBeGreaterThanOrEqual(3600)
  expect(now.value - start).toBeLessThanOrEqual(3900)
})

test('limits that a reload changes count from what was seen; no limits cost no memory', () => {
  const counter = at({ value: 0 })
  const take = (instance: string, limits: RelayLimits) => counter.take({ key: A, instance, recipient: 'x' }, limits)
  expect(take('m1', messages(0))).toBeUndefined()
  expect(counter.size).toBe(0)
  expect([take('m2', messages(5)), take('m3', messages(2)), take('m4', messages(2))]).toEqual([
    undefined,
    undefined,
    'messages',
  ])
  expect(take('m4', messages(3))).toBeUndefined()
})

test('memory is bounded: the key not used for longest goes first, and keys whose hour is over go by themselves', () => {
  const now = { value: 0 }
  const counter = at(now, 3)
  const take = (key: string) => counter.take({ key, instance: 'm', recipient: 'x' }, messages(5))
  for (const key of ['a', 'b', 'c', 'a', 'd']) take(key)
  expect(counter.size).toBe(3)
  now.value = 4000
  take('e')
  expect(counter.size).toBe(1)
})

test('a clock that goes back forgets nothing and permits nothing more', () => {
  const now = { value: 1_000_000 }
  const counter = at(now)
  const take = (instance: string) => counter.take({ key: A, instance, recipient: 'x' }, messages(1))
  take('m1')
  now.value -= 100_000
  expect(take('m2')).toBe('messages')
})

test('property: in no hour more than the limits, and everything again 65 minutes after the last', () => {
  const step = fc.record({
    wait: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 900 }), fc.integer({ min: 3000, max: 4500 })),
    instance: fc.integer({ min: 0, max: 6 }).map((n) => `m${n}`),
    recipient: fc.integer({ min: 0, max: 6 }).map((n) => `r${n}`),
  })
  const limit = fc.integer({ min: 0, max: 4 })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), limit, limit, (steps, messagesPerHour, recipientsPerHour) => {
      const limits = { messagesPerHour, recipientsPerHour }
      const now = { value: 7_000_000 }
      const counter = at(now)
      const taken: { at: number; isMessage: boolean }[] = []
      const known = new Map<string, string>()
      for (const { wait, instance, recipient } of steps) {
        now.value += wait
        const quiet = now.value - (taken.at(-1)?.at ?? 0) >= 3900
        const reached = counter.take({ key: A, instance, recipient }, limits)
        if (quiet) expect(reached).toBeUndefined()
        const again = known.get(instance) === recipient
        if (again) expect(reached).toBeUndefined()
        if (reached !== undefined || again) continue
        taken.push({ at: now.value, isMessage: !known.has(instance) })
        known.set(instance, recipient)
        const hour = taken.filter((one) => one.at > now.value - 3600)
        if (recipientsPerHour > 0) expect(hour.length).toBeLessThanOrEqual(recipientsPerHour)
        if (messagesPerHour > 0) expect(hour.filter((one) => one.isMessage).length).toBeLessThanOrEqual(messagesPerHour)
      }
    }),
    { numRuns: 500 },
  )
})
