import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runCommand } from './run-command.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drac-command-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const LONG = 60_000
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    // What has ended and was not waited for is still there, as a zombie.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
const pidIn = (name: string): Promise<number> =>
  vi.waitFor(
    () => {
      const pid = Number(readFileSync(join(folder, name), 'utf8'))
      expect(pid).toBeGreaterThan(0)
      return pid
    },
    { timeout: 20_000, interval: 5 },
  )

test('0 is well, whatever it says', async () => {
  expect(await runCommand('echo x >&2; echo y', '/m', LONG)).toBeUndefined()
})

test('the path of the map is in DRAC_MAP, not in the command', async () => {
  const path = `${folder}/a b"; touch ${folder}/no; "'$(touch no)`
  expect(await runCommand(`printf %s "$DRAC_MAP" > ${folder}/seen`, path, LONG)).toBeUndefined()
  expect(readFileSync(join(folder, 'seen'), 'utf8')).toBe(path)
})

test.each([
  ['exit 3', 'exit code 3'],
  [
    'echo >&2; echo "  postmap: fatal: no such file" >&2; echo more >&2; exit 1',
    'exit code 1: postmap: fatal: no such file',
  ],
  ["printf '\\033[31mred\\n' >&2; exit 1", 'exit code 1: [31mred'],
  ['kill -TERM $$', 'killed by SIGTERM'],
  ['cat; exit 5', 'exit code 5'],
  ['/nonexistent/postmap x', 'exit code 127: /bin/sh: 1: /nonexistent/postmap: not found'],
])('%s', async (command, trouble) => {
  const said = await runCommand(command, '/m', LONG)
  if (trouble.includes('not found')) expect(said).toMatch(/^exit code 127: .*nonexistent/)
  else expect(said).toBe(trouble)
})

test('much on both outputs holds nothing up, and one line of it is kept', async () => {
  const said = await runCommand(
    'yes | head -c 1000000; yes xyz | head -c 1000000 | tr -d "\\n" >&2; exit 9',
    '/m',
    LONG,
  )
  expect(said).toBe(`exit code 9: ${'xyz'.repeat(100).slice(0, 200)}`)
})

test('after its time it is killed with its children', async () => {
  const said = runCommand(`sleep 600 & echo $! > ${folder}/pid; echo hm >&2; wait`, '/m', 3000)
  const pid = await pidIn('pid')
  expect(await said).toBe('still running after 3 s; killed: hm')
  await vi.waitFor(() => expect(alive(pid)).toBe(false), { timeout: 20_000 })
})

test('a stop kills it', async () => {
  const stop = new AbortController()
  const said = runCommand(`echo $$ > ${folder}/pid; exec sleep 600`, '/m', LONG, stop.signal)
  const pid = await pidIn('pid')
  stop.abort()
  expect(await said).toBe('killed, because dracd stops')
  expect(alive(pid)).toBe(false)
})

test('a child that stays and holds the standard error does not hold up', async () => {
  const said = await runCommand(`sleep 600 & echo $! > ${folder}/pid; exit 0`, '/m', LONG)
  expect(said).toBeUndefined()
  process.kill(await pidIn('pid'), 'SIGKILL')
})
