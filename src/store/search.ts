// Our side of the search thread.
import type { Worker } from 'node:worker_threads'
import type { SearchPage, SearchQuery } from '../core/authorization-store.ts'
import { tempfail } from '../lib/errors.ts'
import type { RelayKey } from '../lib/prefix.ts'
import { startThread } from '../lib/thread.ts'

export interface SearchRequest {
  readonly id: number
  readonly query: SearchQuery
}
export type SearchRow = [address: string, expiry: number, firstSeen: number, lastSeen: number, source: string]
export type SearchReply =
  | { readonly id: number; readonly total: number; readonly rows: readonly SearchRow[] }
  | { readonly id: number; readonly error: string }

/** Searches waiting; an administrator's page asks for one at a time. */
const MAX_WAITING = 32
/** The thread and its memory are given back after so long without work, in milliseconds. */
const IDLE = 30_000

interface Waiting {
  readonly resolve: (page: SearchPage) => void
  readonly reject: (error: unknown) => void
}

/** Searches of one database file, one after the other. */
export class Search {
  readonly #path: string
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #lastId = 0

  constructor(path: string) {
    this.#path = path
  }

  /** Rejects with `tempfail` DRAC_STORE_SEARCH. */
  run(query: SearchQuery): Promise<SearchPage> {
    if (this.#waiting.size >= MAX_WAITING)
      return Promise.reject(tempfail('DRAC_STORE_SEARCH', 'too many searches at once'))
    clearTimeout(this.#idle)
    const worker = this.#started()
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      worker.postMessage({ id, query } satisfies SearchRequest)
    })
  }

  /** What is waited for is rejected. */
  async stop(): Promise<void> {
    clearTimeout(this.#idle)
    const worker = this.#worker
    this.#end('the store was closed')
    await worker?.terminate()
  }

  #started(): Worker {
    if (this.#worker) return this.#worker
    const worker = startThread(import.meta.url, 'search-worker', {
      name: 'drac-search',
      workerData: { path: this.#path },
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 },
    })
    worker.unref()
    worker.on('message', (reply: SearchReply) => this.#answer(reply))
    worker.on('error', (error) => this.#end((error as Error).message))
    this.#worker = worker
    return worker
  }

  #answer(reply: SearchReply): void {
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if (this.#waiting.size === 0) this.#idle = setTimeout(() => void this.stop(), IDLE).unref()
    if ('error' in reply) waiting?.reject(tempfail('DRAC_STORE_SEARCH', `the search failed: ${reply.error}`))
    else waiting?.resolve({ total: reply.total, entries: reply.rows.map(authorizationOf) })
  }

  #end(reason: string): void {
    this.#worker = undefined
    for (const { reject } of this.#waiting.values())
      reject(tempfail('DRAC_STORE_SEARCH', `the search failed: ${reason}`))
    this.#waiting.clear()
  }
}

const authorizationOf = ([key, expiresAt, firstSeen, lastSeen, source]: SearchRow) => ({
  key: key as RelayKey,
  expiresAt,
  firstSeen,
  lastSeen,
  source,
})
