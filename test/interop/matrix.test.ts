// A login on any of the servers that run here opens the relay on every mail server that runs here, and nothing else does:
// one dracd, five mail servers that ask it, and every way to tell it of logins, all at once.
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { removeFolder } from '../libdrac/toolchain.ts'
import { buildDracReport } from './drac-report.ts'
import { familiesOf, LOGINS, type Place } from './matrix-logins.ts'
import { columnOf, MATRIX_MTAS, type MatrixMta } from './matrix-mtas.ts'
import { openMatrixSite } from './matrix-site.ts'
import {
  BEGIN,
  COLUMNS,
  END,
  MATRIX_ROWS,
  type Matrix,
  type MatrixRow,
  readMatrix,
  recordMatrix,
  renderMatrix,
  withMatrix,
} from './matrix-table.ts'
import { FAMILIES, type Family } from './mta.ts'
import { type Needed, skipping } from './programs.ts'
import { askRelay, REMOTE } from './smtp.ts'
import { README, REGENERATE } from './table.ts'
import { until } from './wait.ts'

const NEEDS: readonly Needed[] = [
  ...new Set(MATRIX_MTAS.flatMap(({ server }) => server.needs)),
  ...([
    'dovecot',
    'cyrus',
    'courier',
    'popa3d',
    'solid-pop3d',
    'perdition',
    'rsyslog',
    'pamtester',
    'libtirpc',
  ] as const),
]
/** For a busy machine, in milliseconds: everything waits for conditions. */
const PATIENCE = 240_000

/** Last numbers of addresses: who logs in, who fails to, and who never does either. */
const entering = (row: MatrixRow): number => 11 + MATRIX_ROWS.indexOf(row)
const failing = (row: MatrixRow): number => 41 + MATRIX_ROWS.indexOf(row)
const STRANGER = 99
const CLIENTS = [...MATRIX_ROWS.flatMap((row) => [entering(row), failing(row)]), STRANGER]

/** What one client heard from each mail server: column -> code. */
type Heard = ReadonlyMap<string, string>
interface Story {
  readonly family: Family
  readonly before: Heard
  readonly entered: boolean
  readonly after: Heard
  readonly failedBefore: Heard
  readonly failed: boolean
  readonly failedAfter: Heard
}

const refused = (code: string | undefined): boolean => /^5\d\d$/.test(code ?? '')

describe.skipIf(skipping('matrix.test.ts', ...NEEDS))('login on ... opens relay on ...', () => {
  let report: string | undefined
  let place: Place
  /** What they heard who never log in, before and after all others did. */
  let strangers: readonly Heard[]
  const stories = new Map<MatrixRow, readonly Story[]>()

  beforeAll(async () => {
    report = buildDracReport()
    place = await openMatrixSite(report, CLIENTS)
    const before = await askStrangers()
    await Promise.all(
      MATRIX_ROWS.map(async (row) => {
        stories.set(row, await Promise.all(familiesOf(row).map((family) => tell(row, family))))
      }),
    )
    strangers = [...before, ...(await askStrangers())]
    recordMatrix(matrix())
  }, PATIENCE)
  afterAll(async () => {
    await place?.namespace.close()
    if (report) removeFolder(dirname(report))
  }, PATIENCE)

  async function ask(client: string, { port }: MatrixMta): Promise<string> {
    return String((await askRelay(place.namespace, client, REMOTE, port)).code)
  }

  async function everywhere(client: string, how = ask): Promise<Heard> {
    return new Map(await Promise.all(MATRIX_MTAS.map(async (mta) => [columnOf(mta), await how(client, mta)] as const)))
  }

  const askStrangers = (): Promise<Heard[]> =>
    Promise.all(Object.values(FAMILIES).map((prefix) => everywhere(`${prefix}${STRANGER}`)))

  /** The code once it is 250; the last that was heard when that takes too long. */
  async function permitted(client: string, mta: MatrixMta): Promise<string> {
    let code = ''
    const may = async (): Promise<boolean> => {
      code = await ask(client, mta)
      return code === '250'
    }
    await until('250', may).catch(() => {})
    return code
  }

  /** Whoever fails does so first: what was told of him has been heard when the other is permitted. */
  async function tell(row: MatrixRow, family: Family): Promise<Story> {
    const [client, loser] = [`${FAMILIES[family]}${entering(row)}`, `${FAMILIES[family]}${failing(row)}`]
    const before = await everywhere(client)
    const failedBefore = await everywhere(loser)
    const failed = !(await LOGINS[row](place, loser, false))
    const entered = await LOGINS[row](place, client, true)
    const after = await everywhere(client, permitted)
    return { family, before, entered, after, failedBefore, failed, failedAfter: await everywhere(loser) }
  }

  /** 250, or all that was heard when something was not as it should be. */
  function codeIn(column: string, { before, after, failedBefore, failedAfter }: Story): string {
    const shut = [before, failedBefore, failedAfter].map((heard) => heard.get(column))
    if (shut.every(refused)) return after.get(column)!
    return `${after.get(column)} (before ${shut[0]}, ${shut[1]}; failed ${shut[2]})`
  }

  function cell(row: MatrixRow, column: string): string {
    const told = stories.get(row)!.map((story) => [story.family, codeIn(column, story)] as const)
    const [[, first]] = told as [(typeof told)[number]]
    if (told.length === 2 && told.every(([, code]) => code === first)) return first
    return told.map(([family, code]) => `${family} ${code}`).join(', ')
  }

  const matrix = (): Matrix =>
    new Map(COLUMNS.map((column) => [column, Object.fromEntries(MATRIX_ROWS.map((row) => [row, cell(row, column)]))]))

  test.each(MATRIX_ROWS)('%s', (row) => {
    for (const { family, entered, failed } of stories.get(row)!)
      expect({ family, entered, failed }).toEqual({ family, entered: true, failed: true })
    const should = familiesOf(row).length === 2 ? '250' : 'IPv4 250'
    expect(COLUMNS.map((column) => `${column}: ${cell(row, column)}`)).toEqual(
      COLUMNS.map((column) => `${column}: ${should}`),
    )
  })

  test('who never logged in is refused everywhere, and those who did are all that dracd permits', async () => {
    expect(strangers).toHaveLength(4)
    for (const heard of strangers) expect([...heard].filter(([, code]) => !refused(code))).toEqual([])
    const should = MATRIX_ROWS.flatMap((row) => familiesOf(row).map((family) => `${FAMILIES[family]}${entering(row)}`))
    // Nor is the proxy's own address among them, which logs in for its clients.
    expect((await place.dracd.authorized()).sort()).toEqual(should.sort())
  })

  test(`${README} says so`, () => {
    expect(readMatrix(), `${README} says otherwise; if that is right: ${REGENERATE}`).toEqual(matrix())
  })
})

test('every mail server has its column and every login its line, and no other', () => {
  const said = readMatrix()
  expect([...said.keys()], `${README} is out of date: ${REGENERATE}`).toEqual(COLUMNS)
  for (const [column, cells] of said) expect(Object.keys(cells), column).toEqual([...MATRIX_ROWS])
})

test('what is written is read back', () => {
  const cells = Object.fromEntries(MATRIX_ROWS.map((row, i) => [row, i === 0 ? 'IPv4 250' : '250']))
  const seen: Matrix = new Map(COLUMNS.map((column) => [column, cells]))
  const page = withMatrix(`# page\n${BEGIN}\n${END}\nend\n`, renderMatrix(seen))
  expect(readMatrix(page)).toEqual(seen)
  expect(withMatrix(page, '').endsWith('\nend\n')).toBe(true)
})
