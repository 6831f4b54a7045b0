// The kill -9 test as a long campaign: node bench/kill.ts [ROUNDS, 100 when left out]. Exits 1 when anything is missing.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { campaign } from '../test/faults/kill-rounds.ts'

const rounds = Number(process.argv[2] ?? 100)
if (!Number.isInteger(rounds) || rounds < 1) {
  process.stderr.write('usage: node bench/kill.ts [ROUNDS]\n')
  process.exit(64)
}
const cache = resolve(import.meta.dirname, '../.cache')
mkdirSync(cache, { recursive: true })
const stateDirectory = mkdtempSync(join(cache, 'kill-'))
process.on('exit', () => rmSync(stateDirectory, { recursive: true, force: true }))
const seen = await campaign(rounds, stateDirectory, ({ round, acknowledged, inFlight, readyMs }) => {
  process.stderr.write(
    `round ${round}: ready in ${readyMs.toFixed(0)} ms, ${acknowledged} acknowledged, ${inFlight} in flight at the kill\n`,
  )
})
process.stdout.write(`${JSON.stringify({ rounds, ...seen }, undefined, 2)}\n`)
process.exitCode = [seen.missing, seen.shortened, seen.wrong, seen.opened].some((list) => list.length > 0) ? 1 : 0
