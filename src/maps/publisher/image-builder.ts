// Builds map files without holding anything else up: a small one at once, a larger one on a worker thread.
import type { Worker } from 'node:worker_threads'
import { tempfail } from '../../lib/errors.ts'
import { startThread } from '../../lib/thread.ts'
import { buildImage, type Image } from './image.ts'
import type { ImageAnswer, ImageRequest } from './image-worker.ts'
import type { MapConfig } from './map-config.ts'

/** Above this many clients the worker builds; below, building takes a few milliseconds. */
const SMALL = 500
/** The thread and its memory are given back after so long without work, in milliseconds. */
const IDLE = 10_000

/** One image at a time: `begin`, `add` as often as there is text, `finish`. */
export class ImageBuilder {
  readonly #config: MapConfig
  readonly #small: number
  #texts: string[] = []
  #clients = 0
  #worker: Worker | undefined
  /** True when the text of this image goes to the worker. */
  #handedOver = false
  #idle: NodeJS.Timeout | undefined

  /** @param small clients up to which the image is built here */
  constructor(config: MapConfig, small = SMALL) {
    this.#config = config
    this.#small = small
  }

  /** Forgets an image that was begun and not finished. */
  begin(): void {
    clearTimeout(this.#idle)
    this.#worker?.unref()
    this.#texts = []
    this.#clients = 0
    this.#handedOver = false
  }

  /** @param text whole lines, made by `recordOf` @param clients how many */
  add(text: string, clients: number): void {
    this.#clients += clients
    if (this.#clients > this.#small && !this.#handedOver) this.#handOver()
    if (this.#handedOver) this.#post({ text })
    else this.#texts.push(text)
  }

  /** Rejects with `tempfail` DRAC_MAP_WORKER when the thread fails. */
  async finish(): Promise<Image> {
    if (!this.#handedOver) return buildImage(this.#texts.splice(0), this.#config)
    try {
      return await this.#answer()
    } finally {
      this.#worker?.unref()
      this.#idle = setTimeout(() => void this.close(), IDLE).unref()
    }
  }

  /** Ends the thread; the next large image starts another. */
  async close(): Promise<void> {
    clearTimeout(this.#idle)
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }

  #handOver(): void {
    this.#handedOver = true
    this.#worker ??= this.#start()
    this.#worker.ref()
    this.#post('begin')
    for (const text of this.#texts.splice(0)) this.#post({ text })
  }

  #start(): Worker {
    const worker = startThread(import.meta.url, 'image-worker', { name: 'drac-map', workerData: this.#config })
    worker.on('error', () => this.#forget(worker))
    worker.on('exit', () => this.#forget(worker))
    return worker
  }

  #forget(worker: Worker): void {
    if (this.#worker === worker) this.#worker = undefined
  }

  #post(request: ImageRequest): void {
    this.#worker?.postMessage(request)
  }

  #answer(): Promise<Image> {
    const worker = this.#worker
    if (worker === undefined) return Promise.reject(tempfail('DRAC_MAP_WORKER', 'the map thread has ended'))
    return new Promise((resolve, reject) => {
      const settled = new AbortController()
      const failed = (cause: unknown): void => {
        settled.abort()
        reject(tempfail('DRAC_MAP_WORKER', `the map thread failed: ${cause}`, cause))
      }
      const once = (event: string, listener: (value: unknown) => void): void => {
        worker.once(event, listener)
        settled.signal.addEventListener('abort', () => worker.off(event, listener), { once: true })
      }
      once('error', failed)
      once('exit', (code) => failed(`exit code ${code}`))
      once('message', (answer) => {
        if ('error' in (answer as ImageAnswer)) return failed((answer as { error: string }).error)
        settled.abort()
        resolve((answer as { image: Image }).image)
      })
      this.#post('build')
    })
  }
}
