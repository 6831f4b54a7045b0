// The status page: files of web/, with headers that let a browser do nothing else with them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { getRawAsset, isSea } from 'node:sea'
import type { FastifyInstance } from 'fastify'

/** From the sources and from dist/ alike: two folders up. In a single executable the files are assets `web/NAME`. */
const FOLDER = join(import.meta.dirname ?? '.', '..', '..', 'web')

const FILES: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/app.js': ['app.js', 'text/javascript; charset=utf-8'],
  '/style.css': ['style.css', 'text/css; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
}

/** Nothing from outside, nothing inline, in nobody's frame. */
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"

export function pageRoutes(app: FastifyInstance): void {
  for (const [path, [file, type]] of Object.entries(FILES)) {
    const body = read(file)
    app.get(path, (_request, reply) => reply.headers({ ...HEADERS, 'content-type': type }).send(body))
  }
}

const HEADERS = {
  'content-security-policy': CSP,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-cache',
}

function read(file: string): Buffer {
  return isSea() ? Buffer.from(getRawAsset(`web/${file}`)) : readFileSync(join(FOLDER, file))
}
