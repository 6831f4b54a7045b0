// The status page in a real Chromium, on the real dracd: searched, sorted, watched and revoked from, with the keyboard and
// on a telephone, in dark and light.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { DracdProcess } from '../daemon/process.ts'
import { CHROMIUM, haveChromium, openBrowser } from './browser.ts'

const TOKEN = '0123456789abcdef0123456789abcdef'
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** Where pictures are left for whoever wants to look: DRAC_SCREENSHOTS=folder. */
const PICTURES = process.env.DRAC_SCREENSHOTS

if (!haveChromium) console.log(`skipped: the status page: no ${CHROMIUM}; apt-get install chromium`)

describe.skipIf(!haveChromium)('the status page', () => {
  let folder: string
  let dracd: DracdProcess
  let url: string
  let browser: Browser
  let page: Page
  let problems: string[]

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'drac-page-'))
    writeFileSync(join(folder, 'token'), TOKEN, { mode: 0o600 })
    const set = {
      'http.listen': '["tcp:127.0.0.1:0"]',
      'http.token_file': join(folder, 'token'),
      exempt_networks: '["10.0.0.0/8"]',
    }
    dracd = await DracdProcess.start(folder, { set })
    const ready = dracd.log.find(({ event }) => event === 'ready') as unknown as { endpoints: { http: string[] } }
    url = ready.endpoints.http[0]!.replace('tcp:', 'http://')
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await dracd?.end()
    rmSync(folder, { recursive: true })
  })
  afterEach(async () => {
    await page.context().close()
    await fetch(`${url}/v1/authorizations?source=popd`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${TOKEN}` },
    })
    expect(problems).toEqual([])
  })

  async function report(address: string, user: string, lifetime = 600): Promise<void> {
    const init = {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ address, user, lifetime, source: 'popd' }),
    }
    const reply = await fetch(`${url}/v1/logins`, init)
    if (!reply.ok) throw new Error(await reply.text())
  }

  async function open(width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<void> {
    const context = await browser.newContext({
      viewport: { width, height: 800 },
      colorScheme,
      hasTouch: width < 500,
      httpCredentials: { username: 'admin', password: TOKEN },
    })
    page = await context.newPage()
    problems = []
    page.on('pageerror', (error) => problems.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('401')) problems.push(message.text())
    })
    page.on('request', (request) => {
      if (!request.url().startsWith(url)) problems.push(`asked elsewhere: ${request.url()}`)
    })
    await page.goto(url)
    await page.locator('#summary', { hasText: /^ All is well: dracd / }).waitFor()
  }

  const rows = () => page.locator('#table tbody tr')
  const rowOf = (address: string) => page.locator(`#table tbody tr[data-address="${address}"]`)
  const count = (text: string) => page.locator('#count', { hasText: text }).waitFor()
  const picture = async (name: string): Promise<void> => {
    if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true })
  }

  test.each([360, 1280])('finds, explains and revokes at %i pixels', async (width) => {
    await report('192.0.2.25', 'alice')
    await report('192.0.2.26', 'bob')
    await report('2001:db8::5', 'carol')
    await open(width)
    await count('3 addresses')
    await page.getByLabel('Search').fill('ALI')
    await count('1 address')
    expect(await rows().allInnerTexts()).toEqual([expect.stringContaining('192.0.2.25')])
    await page.getByRole('button', { name: '192.0.2.25', exact: true }).click()
    await page.locator('#why', { hasText: '192.0.2.25 may relay' }).waitFor()
    await page.getByLabel('Search').fill('')
    await count('3 addresses')
    await picture(`page-${width}`)

    await page.getByRole('button', { name: 'Revoke 192.0.2.26' }).click()
    await page.getByRole('button', { name: 'Keep it' }).click()
    expect(await dracd.lookup('192.0.2.26')).toBe('OK OK')
    await page.getByRole('button', { name: 'Revoke 192.0.2.26' }).click()
    await picture(`confirm-${width}`)
    await page.getByRole('button', { name: 'Revoke', exact: true }).click()
    await count('2 addresses')
    expect(await dracd.lookup('192.0.2.26')).toBe('NOTFOUND ')
    expect(await dracd.lookup('192.0.2.25')).toBe('OK OK')
    await dracd.logged(
      'audit',
      ({ target, who }) => target === '192.0.2.26' && String(who).startsWith('page at 127.0.0.1'),
    )
    const wide = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
    expect(wide).toBe(0)
  })

  test('shows a login as it comes, lets it run down and takes it away when it expires', async () => {
    await open(1280)
    await count('Nobody may relay')
    await report('192.0.2.30', 'dave', 3)
    await rowOf('192.0.2.30').waitFor()
    expect(await rowOf('192.0.2.30').locator('.left').textContent()).toMatch(/^[1-4]s$/)
    await page.locator('#events li', { hasText: '192.0.2.30' }).first().waitFor()
    await rowOf('192.0.2.30').waitFor({ state: 'detached' })
    await count('Nobody may relay')
    expect(await dracd.lookup('192.0.2.30')).toBe('NOTFOUND ')
  })

  test('is used by keyboard alone', async () => {
    await report('192.0.2.31', 'erin')
    await open(1280)
    await count('1 address')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to who may relay')
    await page.keyboard.press('Enter')
    for (let presses = 0; presses < 8; presses++) {
      await page.keyboard.press('Tab')
      if ((await page.evaluate('document.activeElement.getAttribute("aria-label")')) === 'Revoke 192.0.2.31') break
    }
    await page.keyboard.press('Enter')
    await page.locator('#confirm[open]').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('#confirm[open]').waitFor({ state: 'detached' })
    expect(await dracd.lookup('192.0.2.31')).toBe('OK OK')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await count('Nobody may relay')
    expect(await dracd.lookup('192.0.2.31')).toBe('NOTFOUND ')
  })

  test('sorts, and turns pages', async () => {
    for (let n = 1; n <= 120; n++) await report(`198.51.100.${n}`, `user${n}`, 600 + n)
    await open(1280)
    await count('120 addresses')
    await page.getByLabel('Sort by').selectOption('time left, most first')
    await page.locator('#table tbody tr:first-child', { hasText: '198.51.100.120' }).waitFor()
    await page.getByRole('button', { name: 'Next' }).click()
    await page.locator('#page', { hasText: 'Page 2 of 2' }).waitFor()
    expect(await rows().count()).toBe(20)
    await picture('pages-1280')
  })

  test('shows text of a stranger as text', async () => {
    await report('192.0.2.32', '<img src=x onerror=alert(1)>"\'')
    await open(1280)
    await rowOf('192.0.2.32').waitFor()
    expect(await rowOf('192.0.2.32').textContent()).toContain('<img src=x onerror=alert(1)>"\'')
    expect(await page.locator('img').count()).toBe(0)
  })

  test('says why an address may not relay', async () => {
    await open(1280)
    await page.getByRole('textbox', { name: 'Address' }).fill('10.1.2.3')
    await page.getByRole('button', { name: 'Ask' }).click()
    await page.locator('#why', { hasText: 'exempt_networks names 10.0.0.0/8' }).waitFor()
    await page.getByRole('textbox', { name: 'Address' }).fill('mail.example.org')
    problems.length = 0
    await page.getByRole('button', { name: 'Ask' }).click()
    await page.locator('#why .trouble').waitFor()
    problems = problems.filter((text) => !text.includes('400'))
  })

  test.each([
    [360, 'light'],
    [1280, 'dark'],
  ] as const)('keeps nobody out: axe-core at %i pixels, %s', async (width, scheme) => {
    for (const n of [1, 2, 3]) await report(`192.0.2.4${n}`, `user${n}`)
    await open(width, scheme)
    await count('3 addresses')
    await page.locator('#charts figure').first().waitFor()
    await picture(`axe-${width}-${scheme}`)
    await page.evaluate(AXE)
    const { violations } = (await page.evaluate('axe.run()')) as {
      violations: { id: string; nodes: { html: string }[] }[]
    }
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
    await page.getByRole('button', { name: 'Revoke 192.0.2.41' }).click()
    const inDialog = (await page.evaluate('axe.run("#confirm")')) as { violations: { id: string }[] }
    expect(inDialog.violations.map(({ id }) => id)).toEqual([])
  })

  test('weighs less than 150 KB, all of it', async () => {
    await open(1280)
    const loaded = (await page.evaluate('performance.getEntriesByType("resource").map(({ name }) => name)')) as string[]
    const files = loaded.map((name) => new URL(name).pathname).filter((path) => !path.startsWith('/v1/'))
    expect(files.length).toBeGreaterThan(5)
    const bytes = ['/index.html', ...files].map((path) => statSync(`web${path}`).size).reduce((a, b) => a + b, 0)
    expect(bytes).toBeLessThan(150_000)
  })
})
