// Our side of the maintenance thread: one job at a time, in order, each a promise.
import type { Worker } from 'node:worker_threads'
import { startThread } from '../lib/thread.ts'

export interface JobResult {
  /** Frames in the WAL, and how many of them are in the database file now. */
  checkpoint: { readonly frames: number; readonly copied: number }
  restart: { readonly frames: number; readonly copied: number }
  check: string | undefined
  /** Rows changed. */
  shift: number
  clamp: number
  close: undefined
}
export type JobName = keyof JobResult

export interface JobRequest {
  readonly id: number
  readonly name: JobName
  readonly argument: number
}
export type JobReply =
  | { readonly id: number; readonly result: JobResult[JobName] }
  | {
      readonly id: number
      readonly error: {
        readonly message: string
        readonly code: string | undefined
        readonly errcode: number | undefined
      }
    }

interface Waiting {
  readonly resolve: (result: JobResult[JobName]) => void
  readonly reject: (error: unknown) => void
}

export class Maintenance {
  readonly #path: string
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | undefined
  #lastId = 0
  #stopped = false

  constructor(path: string) {
    this.#path = path
  }

  /** The thread starts with the first job. Rejects with the error of the job, as SQLite gave it. */
  run<Name extends JobName>(name: Name, argument = 0): Promise<JobResult[Name]> {
    if (this.#stopped) return Promise.reject(new Error('the maintenance thread has ended'))
    const worker = this.#started()
    const id = ++this.#lastId
    worker.ref()
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject })
      worker.postMessage({ id, name, argument } satisfies JobRequest)
    })
  }

  /** Waits for the jobs given before, then ends the thread. */
  async stop(): Promise<void> {
    if (this.#worker && !this.#stopped) await this.run('close').catch(() => undefined)
    this.#stopped = true
    await this.#worker?.terminate()
  }

  #started(): Worker {
    if (this.#worker) return this.#worker
    const worker = startThread(import.meta.url, 'maintenance-worker', {
      name: 'drac-store',
      workerData: { path: this.#path },
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
    })
    worker.on('message', (reply: JobReply) => this.#answer(reply))
    worker.on('error', (error) => this.#end(error as Error))
    worker.on('exit', () => this.#end(new Error('the maintenance thread has ended')))
    this.#worker = worker
    return worker
  }

  #answer(reply: JobReply): void {
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if (this.#waiting.size === 0) this.#worker?.unref()
    if ('error' in reply) waiting?.reject(Object.assign(new Error(reply.error.message), reply.error))
    else waiting?.resolve(reply.result)
  }

  #end(error: Error): void {
    this.#stopped = true
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}
