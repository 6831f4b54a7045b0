import { expect, test } from 'vitest'
import { threadUrl } from './thread.ts'

test('the program of the thread has the ending of the module that asks', () => {
  expect(threadUrl('file:///a/src/maps/image-builder.ts', 'image-worker').pathname).toBe('/a/src/maps/image-worker.ts')
  expect(threadUrl('file:///a/dist/maps/image-builder.js', 'image-worker').pathname).toBe(
    '/a/dist/maps/image-worker.js',
  )
})
