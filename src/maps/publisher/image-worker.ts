// The worker thread of image-builder.ts: gathers text until it is told to build, and hands the bytes over.
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../../lib/errors.ts'
import { buildImage, type Image } from './image.ts'
import type { MapConfig } from './map-config.ts'

/** Text is gathered; `begin` forgets what was; `build` answers with an ImageAnswer. */
export type ImageRequest = 'begin' | 'build' | { readonly text: string }
export type ImageAnswer = { readonly image: Image } | { readonly error: string }

let texts: string[] = []

function build(): void {
  try {
    const image = buildImage(texts.splice(0), workerData as MapConfig)
    parentPort?.postMessage({ image } satisfies ImageAnswer, [image.bytes.buffer])
  } catch (error) {
    parentPort?.postMessage({ error: messageOf(error) } satisfies ImageAnswer)
  }
}

parentPort?.on('message', (request: ImageRequest) => {
  if (request === 'begin') texts = []
  else if (request === 'build') build()
  else texts.push(request.text)
})
