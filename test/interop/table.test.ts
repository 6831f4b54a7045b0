// integrations/README.md names every way that is tested and no other; that its cells are right each server's test says.
import { expect, test } from 'vitest'
import { BEGIN, type Cells, END, README, REGENERATE, readTable, render, withTable } from './table.ts'
import { WAYS } from './ways.ts'

test('every way has its column, and no other', () => {
  const said = [...readTable()].flatMap(([server, ways]) => [...ways.keys()].map((way) => `${server}: ${way}`))
  expect(said, `${README} is out of date: ${REGENERATE}`).toEqual(
    WAYS.map((way) => `${way.server.title}: ${way.title}`),
  )
})

test('what is written is read back', () => {
  const cells: Cells = { 'logged in': '250', 'never logged in': 'IPv4 550, IPv6 451', 'local mail': '250' }
  const page = withTable(
    `# page\n${markerLines()}\nend\n`,
    render(WAYS.slice(0, 2), () => cells),
  )
  expect([...readTable(page)]).toEqual([
    [WAYS[0]!.server.title, new Map(WAYS.slice(0, 2).map((way) => [way.title, cells]))],
  ])
  expect(withTable(page, '').endsWith('\nend\n')).toBe(true)
})

const markerLines = (): string => `${BEGIN}\n${END}`
