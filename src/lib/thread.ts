// Starts the threads whose programs are files of their own, from wherever those files are.
import { extname } from 'node:path'
import { getAsset, isSea } from 'node:sea'
import { fileURLToPath } from 'node:url'
import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * Starts `NAME.ts` beside the module that asks: .ts from the sources, .js when compiled, an asset
 * `threads/NAME.js` in a single executable.
 * @param moduleUrl import.meta.url of the module that asks
 */
export function startThread(moduleUrl: string, name: string, options: WorkerOptions): Worker {
  if (isSea()) return new Worker(getAsset(`threads/${name}.js`, 'utf8'), { ...options, eval: true })
  return new Worker(threadUrl(moduleUrl, name), options)
}

export const threadUrl = (moduleUrl: string, name: string): URL =>
  new URL(`./${name}${extname(fileURLToPath(moduleUrl))}`, moduleUrl)
