// The commands of README.md, in their order, in a home folder of their own.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../interop/wait.ts'

/** Indented blocks, without the comments. */
const COMMANDS = [...readFileSync('README.md', 'utf8').matchAll(/^ {4}(\S.*)$/gm)].map((match) =>
  match[1]!.replace(/ +# .*/, ''),
)

const NOT_RUN: Readonly<Record<string, string>> = { 'npm test': 'it is what runs this' }

let home: string
let running: ChildProcess | undefined
let printed = ''
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'drac-readme-'))
})
afterAll(async () => {
  if (running && running.exitCode === null) {
    process.kill(-running.pid!, 'SIGTERM')
    await once(running, 'exit')
  }
  rmSync(home, { recursive: true, force: true })
  for (const [command, reason] of Object.entries(NOT_RUN)) console.warn(`README.md: not run: ${command}: ${reason}`)
})

const environment = (): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: home,
  XDG_STATE_HOME: join(home, 'state'),
  DRAC_CONTROL: `unix:${home}/state/drac/control.sock`,
  // What "npm start" installs before it starts is there already, or no test would run.
  npm_config_ignore_scripts: 'true',
})

/** It runs until the end, in a process group of its own: npm, a shell and dracd. */
async function start(command: string): Promise<void> {
  running = spawn('sh', ['-c', command], { env: environment(), detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [running.stdout!, running.stderr!])
    stream.setEncoding('utf8').on('data', (text: string) => (printed += text))
  await until('npm start to say what to try', () => {
    if (running!.exitCode !== null) throw new Error(printed)
    return /Try, in another terminal/.test(printed)
  })
}

const EXPECTED: readonly (readonly [RegExp, RegExp])[] = [
  [/ auth /, /the address may relay\n$/],
  [/ show /, /^192\.0\.2\.25 may relay for /],
  [/ list$/, /^ADDRESS .*\n192\.0\.2\.25 /],
  [/ status$/, /^dracd .*\nstore +up,/],
]

test('every command does what README.md says', { timeout: 120_000 }, async () => {
  expect(COMMANDS).toEqual(expect.arrayContaining(['npm start', 'npm test', 'npm run -s drac -- status']))
  for (const command of COMMANDS) {
    if (command in NOT_RUN) continue
    if (command === 'npm start') {
      await start(command)
      continue
    }
    const port = /drac -- auth 127\.0\.0\.1:(\d+)/.exec(printed)?.[1] ?? ''
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command.replace('PORT', port)], {
      env: environment(),
      encoding: 'utf8',
    })
    expect(status, `${command}\n${stdout}${stderr}`).toBe(0)
    for (const [which, output] of EXPECTED) if (which.test(command)) expect(stdout).toMatch(output)
  }
})
