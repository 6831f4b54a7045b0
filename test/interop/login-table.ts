// The table of integrations/README.md of what a login on a POP or IMAP server gives.
import { readFileSync } from 'node:fs'
import { LOGIN_WAYS } from './login-ways.ts'
import { type Column, type Heading, Observed, PageTable, type Sections } from './page-table.ts'
import { README, REGENERATE } from './table.ts'

export const LOGIN_ROWS = [
  'login v4',
  'login v6',
  'login mapped',
  'failed login',
  'connected past the lifetime',
  'one lifetime after logout',
  'server login while dracd is down',
  'server login while dracd hangs',
] as const
export type LoginRow = (typeof LOGIN_ROWS)[number]
export type LoginCells = Column<LoginRow>

export const BEGIN = `<!-- begin of what logins gave: DO NOT EDIT; ${REGENERATE} -->`
export const END = '<!-- end of what logins gave -->'

const table = new PageTable<LoginRow>(LOGIN_ROWS, BEGIN, END)
const observed = new Observed<LoginRow>('.cache/interop/observed-logins')
const listed = ({ server, way }: Heading): boolean =>
  LOGIN_WAYS.some((each) => each.server === server && each.way === way)

/** Keeps what a test saw for the page. Throws when login-ways.ts does not name that way. */
export function recordLogin({ server, way, rows }: Heading & { readonly rows: LoginCells }): void {
  if (!listed({ server, way })) throw new Error(`test/interop/login-ways.ts does not name ${server}: ${way}`)
  observed.record({ server, way }, rows)
}

/** What the page says of that way, to be compared with what was seen. */
export const saidOfLogin = (server: string, way: string): LoginCells | undefined => readLogins().get(server)?.get(way)

/** Throws when that way was not observed here. */
export const recordedLogin = (way: Heading): LoginCells => observed.recorded(way)

export const renderLogins = (ways: readonly Heading[], cellsFor: (way: Heading) => LoginCells): string =>
  table.render(ways.map((way) => [way, cellsFor(way)]))

export const readLogins = (page = readFileSync(README, 'utf8')): Sections<LoginRow> => table.read(page)
export const withLogins = (page: string, rendered: string): string => table.write(page, rendered)
