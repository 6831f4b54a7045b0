// node test/interop/render-table.ts: puts what the last run of the interoperability tests saw into integrations/README.md.
import { readFileSync, writeFileSync } from 'node:fs'
import { recordedLogin, renderLogins, withLogins } from './login-table.ts'
import { LOGIN_WAYS } from './login-ways.ts'
import { recordedMatrix, renderMatrix, withMatrix } from './matrix-table.ts'
import { README, recorded, render, withTable } from './table.ts'
import { WAYS } from './ways.ts'

let page = withTable(readFileSync(README, 'utf8'), render(WAYS, recorded))
page = withLogins(page, renderLogins(LOGIN_WAYS, recordedLogin))
writeFileSync(README, withMatrix(page, renderMatrix(recordedMatrix())))
