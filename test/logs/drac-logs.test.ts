// drac logs test, as a process of its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, expect, test } from 'vitest'
import { SERVERS } from '../../src/protocols/login-log/matcher.ts'
import { captured } from '../../src/protocols/login-log/samples/read.ts'
import { drac } from '../mta/drac.ts'

const folder = mkdtempSync(join(tmpdir(), 'drac-logs-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string, at?: Date): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  if (at) utimesSync(path, at, at)
  return path
}

async function fed(args: readonly string[], input: string) {
  const child = spawn(process.execPath, ['src/bin/drac.ts', 'logs', 'test', '-', ...args])
  child.stdin.end(input)
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code, stdout, stderr }
}

const LOGIN =
  'Nov 22 17:45:37 mailhost dovecot: imap-login: Login: user=<a\tb>, method=PLAIN, rip=192.0.2.1, lip=192.0.2.2\n'

test.concurrent('what real servers wrote yields what each line must', async () => {
  const rows = captured()
  const { code, stdout, stderr } = await fed([], rows.map(({ line }) => `${line}\n`).join(''))
  const got = stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t'))
  const want = rows.map((row, i) => `${i + 1} ${row.expect}`).filter((row) => !row.endsWith(' none -'))
  expect(got.map(([line, kind, address]) => `${line} ${kind} ${address}`)).toEqual(want)
  expect(got.every((columns) => columns.length === 5)).toBe(true)
  expect(want.length).toBe(65)
  expect([code, stderr]).toEqual([0, ''])
})

test.concurrent('--json prints an object a line', async () => {
  const { stdout } = await drac(['logs', 'test', file('json.txt', LOGIN, new Date(2020, 0, 1)), '--json'])
  const at = new Date(2019, 10, 22, 17, 45, 37).getTime() / 1000
  expect(JSON.parse(stdout)).toEqual({
    line: 1,
    kind: 'login',
    address: '192.0.2.1',
    user: 'a\tb',
    server: 'dovecot',
    at,
  })
})

test.concurrent('a line has five columns, a user name cannot make more, and --server leaves others out', async () => {
  const uw = 'Nov 22 17:45:37 mailhost imapd[1]: Login user=a host=[192.0.2.3]\n'
  const { code, stdout, stderr } = await fed(['--server', 'dovecot', '--server', 'cyrus'], `x\n${LOGIN}${uw}`)
  expect([code, stdout, stderr]).toEqual([0, '2\tlogin\t192.0.2.1\ta?b\tdovecot\n', ''])
})

test.concurrent('an unknown server is a mistake of usage, and the known ones are named', async () => {
  const { code, stderr } = await drac(['logs', 'test', 'x', '--server', 'exim'])
  expect(code).toBe(64)
  for (const server of SERVERS) expect(stderr).toContain(server)
})

test.concurrent("a pattern of one's own can be tried", async () => {
  const args = ['--program', 'myd', '--login', 'in <user> [<address>]', '--logout', 'out [<address>]']
  const lines = ['in a b [192.0.2.1]', 'out [192.0.2.1]', 'in x [6.6.6.6] y'].map(
    (x) => `2026-11-22T18:00:00Z h myd[1]: ${x}\n`,
  )
  expect((await fed(args, lines.join(''))).stdout).toBe('1\tlogin\t192.0.2.1\ta b\town\n2\tlogout\t192.0.2.1\t\town\n')
})

test.concurrent.each([
  [['--program', 'myd', '--login', '<user> <address> <any>'], /both sides/],
  [['--program', 'myd'], /go together/],
])('%j is a mistake of usage', async (args, why) => {
  const { code, stderr } = await fed(args, '')
  expect(code).toBe(64)
  expect(stderr).toMatch(why)
})

test.concurrent.each([
  ['no-such-file', /cannot read .*no-such-file.*ENOENT/],
  ['', /cannot read .*EISDIR/],
])('a file that cannot be read is named: %j', async (name, why) => {
  const { code, stdout, stderr } = await drac(['logs', 'test', join(folder, name)])
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(why)
})

test.concurrent('a last line without its end counts, and a line without an end takes no memory', async () => {
  const child = spawn(process.execPath, ['src/bin/drac.ts', 'logs', 'test', '-'])
  const out = text(child.stdout)
  const write = async (mib: number): Promise<number> => {
    for (let i = 0; i < mib; i++) if (!child.stdin.write('x'.repeat(1 << 20))) await once(child.stdin, 'drain')
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]) / 1024
  }
  const before = await write(16)
  expect((await write(160)) - before).toBeLessThan(80)
  child.stdin.end(`\n${LOGIN}${LOGIN.trimEnd()}`)
  const [code] = await once(child, 'close')
  expect((await out).split('\n').map((line) => line.split('\t')[0])).toEqual(['2', '3', ''])
  expect(code).toBe(0)
})
