// The table of integrations/README.md of which logins open which relay.
import { readFileSync } from 'node:fs'
import { columnOf, MATRIX_MTAS } from './matrix-mtas.ts'
import { type Column, Observed, PageTable } from './page-table.ts'
import { README, REGENERATE } from './table.ts'

const TITLE = 'Login on ... opens relay on ...'

export const MATRIX_ROWS = [
  'Dovecot 2.3.19.1 IMAP, auth policy',
  'Dovecot 2.3.19.1 POP3, auth policy',
  'Cyrus 3.6.1 IMAP, notify_external',
  'Cyrus 3.6.1 POP3, notify_external',
  'Courier IMAP 5.0.13, wrapper',
  'Courier POP3 1.0.16, wrapper',
  'popa3d 1.0.3, log',
  'Solid POP3 0.15, log',
  'Perdition 2.2 POP3 proxy, log',
  'PAM 1.5.2 by pamtester, pam_exec',
  'DRAC over RPC, C client',
  'WHOSON LOGIN over TCP',
] as const
export type MatrixRow = (typeof MATRIX_ROWS)[number]
/** Column title -> what was seen of each login. */
export type Matrix = Map<string, Column<MatrixRow>>

export const BEGIN = `<!-- begin of which logins open which relay: DO NOT EDIT; ${REGENERATE} -->`
export const END = '<!-- end of which logins open which relay -->'
export const COLUMNS: readonly string[] = MATRIX_MTAS.map(columnOf)

const table = new PageTable<MatrixRow>(MATRIX_ROWS, BEGIN, END)
const observed = new Observed<MatrixRow>('.cache/interop/observed-matrix')
const heading = (way: string) => ({ server: TITLE, way })

/** Keeps what the test saw for the page. */
export function recordMatrix(matrix: Matrix): void {
  for (const [column, cells] of matrix) observed.record(heading(column), cells)
}

/** Throws when it was not observed here. */
export const recordedMatrix = (): Matrix =>
  new Map(COLUMNS.map((column) => [column, observed.recorded(heading(column))]))

export const renderMatrix = (matrix: Matrix): string =>
  table.render([...matrix].map(([column, cells]) => [heading(column), cells]))

export const readMatrix = (page = readFileSync(README, 'utf8')): Matrix => table.read(page).get(TITLE) ?? new Map()
export const withMatrix = (page: string, rendered: string): string => table.write(page, rendered)
