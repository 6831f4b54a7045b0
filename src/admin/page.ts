// The status page: files of web/, with headers that let a browser do nothing else with them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { getRawAsset, isSea } from 'node:sea'
import type { FastifyInstance } from 'fastify'

/** From the sources and from dist/ alike: two folders up. In a single executable the files are assets `web/NAME`. */
const FOLDER = join(import.meta.dirname ?? '.', '..', '..', 'web')

const TYPES = { html: 'text/html', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' } as const
const SCRIPTS = ['app', 'api', 'chart', 'format', 'health', 'table', 'why'].map((name) => `${name}.js`)
const FILES = ['index.html', 'style.css', 'icon.svg', ...SCRIPTS]

/** Nothing from outside, nothing inline, in nobody's frame. */
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"

export function pageRoutes(app: FastifyInstance): void {
  for (const file of FILES) {
    const body = read(file)
    const type = `${TYPES[file.split('.')[1] as keyof typeof TYPES]}; charset=utf-8`
    const path = file === 'index.html' ? '/' : `/${file}`
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
