// node test/interop/render-table.ts: puts what the last run of the interoperability tests saw into integrations/README.md.
import { readFileSync, writeFileSync } from 'node:fs'
import { README, recorded, render, withTable } from './table.ts'
import { WAYS } from './ways.ts'

writeFileSync(README, withTable(readFileSync(README, 'utf8'), render(WAYS, recorded)))
