import { expect, test } from 'vitest'
import { Duplicates } from './duplicates.ts'

const peer = { address: '127.0.0.1', port: 1_000 }
const call = (xid: number, end = 0): Buffer => {
  const bytes = Buffer.alloc(44, end)
  bytes.writeUInt32BE(xid)
  return bytes
}

test('a call is what it was only with the same address, port and bytes', () => {
  const duplicates = new Duplicates(() => 30_000)
  const heard = duplicates.begin(call(0xffff_ffff), peer, 0)
  expect(duplicates.find(call(0xffff_ffff), peer, 1)).toBe(heard)
  expect(duplicates.find(call(0xffff_ffff, 1), peer, 1)).toBeUndefined()
  expect(duplicates.find(call(0xffff_ffff).subarray(0, 40), peer, 1)).toBeUndefined()
  expect(duplicates.find(call(0xffff_fffe), peer, 1)).toBeUndefined()
  expect(duplicates.find(call(0xffff_ffff), { ...peer, port: 1_001 }, 1)).toBeUndefined()
  expect(duplicates.find(call(0xffff_ffff), { ...peer, address: '127.0.0.2' }, 1)).toBeUndefined()
})

test('never longer than the window, at least half of it, and the window may shrink', () => {
  let window = 30_000
  const duplicates = new Duplicates(() => window)
  const heard = duplicates.begin(call(1), peer, 0)
  expect(duplicates.find(call(1), peer, 29_999)).toBe(heard)
  expect(duplicates.find(call(1), peer, 30_000)).toBeUndefined()
  duplicates.begin(call(2), peer, 15_000)
  expect(duplicates.find(call(1), peer, 15_001)).toBe(heard)
  window = 1_000
  expect(duplicates.find(call(1), peer, 15_001)).toBeUndefined()
})

test('some thousands are remembered, a flood does not grow it', () => {
  const duplicates = new Duplicates(() => 30_000)
  for (let xid = 0; xid < 100_000; xid++) duplicates.begin(call(xid), peer, 1)
  const found = Array.from({ length: 100_000 }, (_, xid) => duplicates.find(call(xid), peer, 1)).filter(Boolean)
  expect(found.length).toBeGreaterThanOrEqual(4_096)
  expect(found.length).toBeLessThanOrEqual(8_192)
  expect(duplicates.find(call(99_999), peer, 1)).toBeDefined()
})

test('dropped and cleared calls are new ones; dropping an older one leaves its successor', () => {
  const duplicates = new Duplicates(() => 30_000)
  const first = duplicates.begin(call(1), peer, 0)
  const second = duplicates.begin(call(1), peer, 1)
  duplicates.drop(first, peer)
  expect(duplicates.find(call(1), peer, 2)).toBe(second)
  duplicates.drop(second, peer)
  expect(duplicates.find(call(1), peer, 2)).toBeUndefined()
  duplicates.begin(call(1), peer, 3)
  duplicates.clear()
  expect(duplicates.find(call(1), peer, 4)).toBeUndefined()
})
