import { afterEach, expect, test } from 'vitest'
import { buildImage } from './image.ts'
import { ImageBuilder } from './image-builder.ts'
import type { MapConfig } from './map-config.ts'

const config: MapConfig = { path: '/x.db', format: 'btree', key: 'address', value: 'expiry', nul: false }
const text = (from: number, count: number): string =>
  Array.from({ length: count }, (_, i) => `10.0.${(from + i) >> 8}.${(from + i) & 255}\x002000000000\x00`).join('')
const builders: ImageBuilder[] = []
const builder = (small: number, more: Partial<MapConfig> = {}): ImageBuilder => {
  const made = new ImageBuilder({ ...config, ...more }, small)
  builders.push(made)
  return made
}
afterEach(() => Promise.all(builders.splice(0).map((made) => made.close())))

test.each([
  ['here', 1_000_000],
  ['on the worker thread', 0],
  ['handed over half way', 300],
])('built %s, the image is the same', async (_, small) => {
  const made = builder(small)
  for (let round = 0; round < 3; round++) {
    made.begin()
    for (let from = 0; from < 1000; from += 100) made.add(text(from, 100), 100)
    const image = await made.finish()
    expect(image.id).toBe(buildImage([text(0, 1000)], config).id)
    expect(image.keys).toBe(1000)
  }
})

test('an image that was begun and given up leaves nothing in the next', async () => {
  const made = builder(0)
  made.begin()
  made.add(text(500, 10), 10)
  made.begin()
  made.add(text(0, 10), 10)
  expect((await made.finish()).id).toBe(buildImage([text(0, 10)], config).id)
})

test('a failure of the thread is tempfail, and the next image is built', async () => {
  const made = builder(0)
  made.begin()
  made.add(`${text(0, 1)}${text(0, 1)}`, 2)
  await expect(made.finish()).rejects.toThrow(expect.objectContaining({ kind: 'tempfail', code: 'DRAC_MAP_WORKER' }))
  made.begin()
  made.add(text(0, 10), 10)
  expect((await made.finish()).keys).toBe(10)
})

test('a thread that ends in the middle is tempfail, and the next image has another', async () => {
  const made = builder(0)
  made.begin()
  made.add(text(0, 10), 10)
  const finished = made.finish()
  const closed = made.close()
  await expect(finished).rejects.toThrow(expect.objectContaining({ kind: 'tempfail', code: 'DRAC_MAP_WORKER' }))
  await closed
  made.begin()
  made.add(text(0, 10), 10)
  expect((await made.finish()).keys).toBe(10)
})
