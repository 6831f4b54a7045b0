// npm test: style, types, build, and every test; ends with one line that counts them.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'))
// Servers that setup unpacked instead of installing, so that nothing starts them.
process.env.PATH = [join(process.cwd(), '.cache', 'interop', 'rpcbind', 'sbin'), process.env.PATH].join(delimiter)
const bin = (name) => join('node_modules', '.bin', name)
const run = (command, args) => spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status ?? 1

/** Files or names given after `npm test --` narrow the run to those tests, without the checks before them. */
const chosen = process.argv.slice(2)
const checks = [
  ['style', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['types', bin('tsc'), ['--noEmit']],
  ['build', process.execPath, ['scripts/build.mjs']],
]
for (const [name, command, args] of chosen.length > 0 ? [] : checks) {
  if (run(command, args) !== 0) {
    console.error(`npm test: the ${name} check failed`)
    console.log('0 passed, 1 failed')
    process.exit(1)
  }
}

const folder = mkdtempSync(join(tmpdir(), 'drac-test-'))
const report = join(folder, 'report.json')
const status = run(process.execPath, [
  join('node_modules', 'vitest', 'vitest.mjs'),
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...chosen,
])
let counts = { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0 }
try {
  counts = JSON.parse(readFileSync(report, 'utf8'))
} catch (error) {
  console.error(`npm test: no report: ${error.message}`)
}
rmSync(folder, { recursive: true })
// A file that failed before its first test counts as a failure too.
const failed = Math.max(counts.numFailedTests, status === 0 ? 0 : 1)
console.log(`${counts.numPassedTests} passed, ${failed} failed, ${counts.numPendingTests} skipped`)
process.exitCode = failed === 0 ? 0 : 1
