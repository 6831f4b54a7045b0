// The worker thread of image-builder.ts: gathers text until it is told to build, and hands the bytes over.
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../../lib/errors.ts'
import { type Image, ImageDraft } from './image.ts'
import type { MapConfig } from './map-config.ts'

/** Text is gathered; `begin` forgets what was; `build` answers with an ImageAnswer. */
export type ImageRequest = 'begin' | 'build' | { readonly text: string }
export type ImageAnswer = { readonly image: Image } | { readonly error: string }

const config = workerData as MapConfig
let draft = new ImageDraft(config)

function build(): void {
  try {
    const image = draft.finish()
    parentPort?.postMessage({ image } satisfies ImageAnswer, [image.bytes.buffer])
  } catch (error) {
    parentPort?.postMessage({ error: messageOf(error) } satisfies ImageAnswer)
  } finally {
    draft = new ImageDraft(config)
  }
}

parentPort?.on('message', (request: ImageRequest) => {
  if (request === 'begin') draft = new ImageDraft(config)
  else if (request === 'build') build()
  else draft.add(request.text)
})
