import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findHosts } from './host.ts'
import { parseHostSpec, splitHosts } from './host-spec.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drac-host-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function file(text: string): Promise<string> {
  const path = join(folder, 'dracd.host')
  await writeFile(path, text)
  return path
}

test('the argument, else DRACHOST, else the file', async () => {
  const path = await file('from-file\n')
  const env = { DRACHOST: 'from-env' }
  expect(await findHosts({ argument: 'from-argument', env, path })).toEqual(['from-argument'])
  expect(await findHosts({ env, path })).toEqual(['from-env'])
  expect(await findHosts({ env: {}, path })).toEqual(['from-file'])
})

test('an empty setting is off and does not fall through to the next', async () => {
  const path = await file('from-file\n')
  expect(await findHosts({ argument: '', env: { DRACHOST: 'from-env' }, path })).toEqual([])
  expect(await findHosts({ env: { DRACHOST: ' ' }, path })).toEqual([])
})

test.each(['', '\n', '# none\n  # yet'])('a file of %j is off', async (text) => {
  expect(await findHosts({ env: {}, path: await file(text) })).toEqual([])
})

test('a missing file is off; one that cannot be read is a mistake', async () => {
  expect(await findHosts({ env: {}, path: join(folder, 'missing') })).toEqual([])
  await expect(findHosts({ env: {}, path: folder })).rejects.toMatchObject({ kind: 'config', code: 'DRAC_HOST_FILE' })
})

test('several hosts, between commas, blanks and lines, with comments', async () => {
  const path = await file('# ours\nmail1, mail2:9001\r\n\tmail3 # the old one\n[2001:db8::1]:9001 2001:db8::2\n')
  const hosts = ['mail1', 'mail2:9001', 'mail3', '[2001:db8::1]:9001', '2001:db8::2']
  expect(await findHosts({ env: {}, path })).toEqual(hosts)
  expect(splitHosts(',mail1,,mail2,')).toEqual(['mail1', 'mail2'])
})

test.each([
  ['mail', 'mail', undefined],
  ['mail.example.net:9001', 'mail.example.net', 9001],
  ['192.0.2.1:65535', '192.0.2.1', 65535],
  ['2001:db8::1', '2001:db8::1', undefined],
  ['[2001:db8::1]', '2001:db8::1', undefined],
  ['[fe80::1%eth0]:1', 'fe80::1%eth0', 1],
])('%s', (text, host, port) => {
  expect(parseHostSpec(text)).toEqual(port === undefined ? { text, host } : { text, host, port })
})

test.each([
  '',
  ':9001',
  'mail:',
  'mail:0',
  'mail:65536',
  'mail:x',
  '[mail]:1',
  '[::1',
  '::1]:1',
  'a b',
  'mail/x',
  'mail:1:2',
])('%j is refused', (text) =>
  expect(() => parseHostSpec(text)).toThrow(expect.objectContaining({ kind: 'config', code: 'DRAC_HOST' })),
)
