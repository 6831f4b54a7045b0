// The lines that integrations/logs/README.md shows are read, or not, as it says.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { LogMatcher, SERVERS } from '../../src/protocols/login-log/matcher.ts'

const NOW = Date.UTC(2026, 11, 1) / 1000
const text = readFileSync('integrations/logs/README.md', 'utf8')
const lines = (section: string): string[] =>
  [...section.matchAll(/^ {4}([A-Z][a-z]{2} .*)$/gm)].map((match) => match[1]!)
const sections = text.split(/^##+ /m).map((section) => ({ name: section.split('\n', 1)[0]!, lines: lines(section) }))

test('every server has a section, and nothing else has one of that kind', () => {
  const [, shown] = text.split('## Servers, and a line of each')
  expect([...shown!.matchAll(/^### (.*)$/gm)].map((match) => match[1])).toEqual([...SERVERS])
})

test.each(SERVERS.map((server) => [server]))('%s: its lines are logins of 192.0.2.10', (server) => {
  const shown = sections.find(({ name }) => name === server)!.lines
  const matcher = new LogMatcher({ servers: [server] })
  const logins = shown.map((line) => matcher.match(line, NOW)).filter((event) => event !== undefined)
  expect(logins.length).toBe(server === 'popa3d' ? shown.length - 1 : shown.length)
  expect(logins.length).toBeGreaterThan(0)
  for (const { kind, address } of logins) expect([kind, address]).toEqual(['login', '192.0.2.10'])
})

test('what can never be read yields nothing', () => {
  const shown = sections.find(({ name }) => name === 'What can never be read')!.lines
  const matcher = new LogMatcher({})
  expect(shown.length).toBe(3)
  for (const line of shown) expect(matcher.match(line, NOW)).toBeUndefined()
})

test('the pattern of its own reads what it says', () => {
  const [login, logout] = ['login', 'logout'].map(
    (key) => new RegExp(`^ {4}${key} = "(.*)"$`, 'm').exec(text)![1]!,
  ) as [string, string]
  const matcher = new LogMatcher({
    servers: [],
    extra: [{ name: 'popd', program: ['popd', 'popd-ssl'], login, logout }],
  })
  const said = (message: string) => matcher.matchMessage({ program: 'popd-ssl', message }, NOW)
  expect(said('login by a b from [192.0.2.10] id=7')).toMatchObject({ kind: 'login', user: 'a b', session: '7' })
  expect(said('logout of a b from [192.0.2.10] id=7')).toMatchObject({ kind: 'logout', session: '7' })
})
