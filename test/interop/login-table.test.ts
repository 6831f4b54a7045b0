// integrations/README.md names every way that logins are tried in and no other; that its cells are right each server's test
// says.
import { expect, test } from 'vitest'
import { BEGIN, END, type LoginCells, readLogins, recordLogin, renderLogins, withLogins } from './login-table.ts'
import { LOGIN_WAYS } from './login-ways.ts'
import { README, REGENERATE } from './table.ts'

test('every way has its column, and no other', () => {
  const said = [...readLogins()].flatMap(([server, ways]) => [...ways.keys()].map((way) => `${server}: ${way}`))
  expect(said, `${README} is out of date: ${REGENERATE}`).toEqual(
    LOGIN_WAYS.map(({ server, way }) => `${server}: ${way}`),
  )
})

test('what is written is read back', () => {
  const cells: LoginCells = { 'login v4': '250', 'failed login': '554', 'server login while dracd hangs': 'ok' }
  const ways = [
    { server: 'Popper 1', way: 'one' },
    { server: 'Popper 1', way: 'another' },
    { server: 'Other 2', way: 'one' },
  ]
  const page = withLogins(
    `# page\n${BEGIN}\n${END}\nend\n`,
    renderLogins(ways, ({ way }) => (way === 'one' ? cells : { ...cells, 'login v6': '250' })),
  )
  expect([...readLogins(page)]).toEqual([
    [
      'Popper 1',
      new Map([
        ['one', cells],
        ['another', { ...cells, 'login v6': '250' }],
      ]),
    ],
    ['Other 2', new Map([['one', cells]])],
  ])
  expect(withLogins(page, '').endsWith('\nend\n')).toBe(true)
})

test('a way that is on no list is not recorded', () => {
  expect(() => recordLogin({ server: 'Popper 1', way: 'unheard of', rows: {} })).toThrow('login-ways.ts')
})
