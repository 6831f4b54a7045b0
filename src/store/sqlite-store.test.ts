import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { storeContract } from './contract.ts'
import { SqliteStore } from './sqlite-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'drac-store-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const nextPath = (): string => join(folder, `${++files}`, 'drac.db')

storeContract('sqlite', (maxEntries) => new SqliteStore({ path: nextPath(), maxEntries }))
