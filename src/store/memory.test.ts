import { expect, test } from 'vitest'
import { parseRelayKey } from '../lib/prefix.ts'
import { storeContract } from './contract.ts'
import { MemoryStore } from './memory.ts'

storeContract('memory', (maxEntries) => new MemoryStore({ maxEntries }))

test('a test can take the store down and bring it up', async () => {
  const store = new MemoryStore()
  store.goDown('no disk', 5)
  expect(store.health()).toEqual({ state: 'down', reason: 'no disk', since: 5 })
  expect(() => store.get(parseRelayKey('192.0.2.1'))).toThrow(expect.objectContaining({ code: 'DRAC_STORE_DOWN' }))
  await expect(store.sweep(0)).rejects.toMatchObject({ kind: 'tempfail' })
  store.comeUp()
  expect(store.count()).toBe(0)
})
