// node bench/page.ts [ENTRIES]: how long the status page takes to its first paint and to its first rows, with 100,000
// entries stored, in a real Chromium; beside an empty page served by the same dracd, in the same browser.
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { parseRelayKey } from '../src/lib/prefix.ts'
import { SqliteStore } from '../src/store/sqlite-store.ts'
import { openBrowser } from '../test/browser/browser.ts'
import { DracdProcess } from '../test/daemon/process.ts'

const ENTRIES = Number(process.argv[2] ?? 100_000)
const TOKEN = '0123456789abcdef0123456789abcdef'
const ROUNDS = 5

async function fill(path: string): Promise<void> {
  const store = new SqliteStore({ path })
  const now = Math.floor(Date.now() / 1000)
  const puts: Promise<unknown>[] = []
  for (let n = 0; n < ENTRIES; n++) {
    const key = parseRelayKey(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`)
    puts.push(store.put({ key, expiresAt: now + 3600 + (n % 1800), now, source: `popd ${n % 7}`, user: `user${n}` }))
    if (puts.length === 10_000) await Promise.all(puts.splice(0))
  }
  await Promise.all(puts)
  await store.close()
}

interface Times {
  readonly paint: number
  readonly rows: number
}

async function visit(browser: Browser, url: string, rows: boolean): Promise<Times> {
  const context = await browser.newContext({ httpCredentials: { username: 'bench', password: TOKEN } })
  const page = await context.newPage()
  await page.goto(url)
  if (rows) await page.locator('#table tbody tr').first().waitFor()
  const paint = (await page.evaluate(
    'new Promise((resolve) => new PerformanceObserver((list) => resolve(list.getEntries()[0].startTime)).observe({ type: "paint", buffered: true }))',
  )) as number
  const now = (await page.evaluate('performance.now()')) as number
  await context.close()
  return { paint, rows: now }
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!

const folder = mkdtempSync(join(tmpdir(), 'drac-bench-page-'))
await fill(join(folder, 'state', 'drac.sqlite'))
writeFileSync(join(folder, 'token'), TOKEN, { mode: 0o600 })
const set = { 'http.listen': '["tcp:127.0.0.1:0"]', 'http.token_file': join(folder, 'token') }
const dracd = await DracdProcess.start(folder, { set })
const ready = dracd.log.find(({ event }) => event === 'ready') as unknown as { endpoints: { http: string[] } }
const url = ready.endpoints.http[0]!.replace('tcp:', 'http://')
const browser = await openBrowser()
try {
  await visit(browser, url, true)
  const page: Times[] = []
  const plain: Times[] = []
  for (let round = 0; round < ROUNDS; round++) {
    page.push(await visit(browser, url, true))
    plain.push(await visit(browser, `${url}/v1/status`, false))
  }
  const paint = median(page.map((times) => times.paint))
  const yardstick = median(plain.map((times) => times.paint))
  const rows = median(page.map((times) => times.rows))
  const weight = readdirSync('web').reduce((sum, name) => sum + statSync(join('web', name)).size, 0)
  console.log(`entries                       ${ENTRIES}`)
  console.log(`first paint, median of ${ROUNDS}      ${paint.toFixed(0)} ms (wanted: under 1000)`)
  console.log(`  of a page of plain JSON     ${(paint / yardstick).toFixed(1)}x (${yardstick.toFixed(0)} ms)`)
  console.log(`first rows shown              ${rows.toFixed(0)} ms`)
  console.log(`weight of the page, all files ${(weight / 1000).toFixed(1)} kB (wanted: under 150)`)
} finally {
  await browser.close()
  await dracd.end()
  rmSync(folder, { recursive: true })
}
