// The two scripts of integrations/ that dracd runs after each change of a text map.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { text } from '../../src/maps/publisher/formats/text.ts'
import { packPairs } from '../../src/protocols/berkeley-db/packed-pairs.ts'

const folder = mkdtempSync(join(tmpdir(), 'drac-scripts-'))
afterAll(() => rmSync(folder, { recursive: true }))

const CLIENTS = ['192.0.2.5', '2001:db8::5']
/** The list as dracd writes it. */
function list(key: 'address' | 'exim', value: string): string {
  const config = { path: join(folder, 'list'), format: 'text', key, value, nul: false } as const
  const pairs = CLIENTS.flatMap((client) => text.keysOf(client, config)).map((each) => [each, value] as const)
  writeFileSync(config.path, text.encode(packPairs(pairs), config))
  return config.path
}
function run(script: string, env: NodeJS.ProcessEnv, path: string) {
  const all = { ...process.env, ...env, PATH: `${path}${delimiter}${process.env.PATH}` }
  return spawnSync('sh', [resolve('integrations', script)], { encoding: 'utf8', env: all })
}

test('drac-courier spells clients as couriertcpd looks for them, and runs makesmtpaccess', () => {
  const [access, bin] = [join(folder, 'smtpaccess'), join(folder, 'bin')]
  mkdirSync(access)
  mkdirSync(bin)
  writeFileSync(join(bin, 'makesmtpaccess'), `#!/bin/sh\ncat ${access}/drac > ${access}/made\n`, { mode: 0o755 })
  const env = { DRAC_MAP: list('exim', 'allow,RELAYCLIENT'), COURIER_SMTPACCESS: access }
  expect(run('courier-mta/drac-courier', env, bin)).toMatchObject({ status: 0, stderr: '' })
  // as seen: with these keys couriertcpd 1.0.16 set RELAYCLIENT
  expect(readFileSync(join(access, 'made'), 'latin1').split('\n').sort()).toEqual([
    '',
    '192.0.2.5\tallow,RELAYCLIENT',
    ':2001:0db8:0000:0000:0000:0000:0000:0005\tallow,RELAYCLIENT',
  ])
  expect(existsSync(`${env.DRAC_MAP}.courier`)).toBe(false)
  writeFileSync(join(bin, 'makesmtpaccess'), '#!/bin/sh\nexit 3\n', { mode: 0o755 })
  expect(run('courier-mta/drac-courier', env, bin).status).toBe(3)
})

const UCSPI = resolve('.cache/interop/ucspi-tcp/usr/bin')
const missing = !existsSync(join(UCSPI, 'tcprules'))
if (missing) console.warn('skipped: scripts.test.ts: no ucspi-tcp; npm test as root on Debian fetches it')

test.skipIf(missing)("drac-tcprules joins one's own rules, which come first, with dracd's", () => {
  const rules = join(folder, 'tcp.smtp')
  writeFileSync(rules, '127.:allow,RELAYCLIENT=""\n203.0.113.:deny\n:allow\n')
  const check = (address: string): string =>
    spawnSync(join(UCSPI, 'tcprulescheck'), [`${rules}.cdb`], {
      encoding: 'utf8',
      env: { TCPREMOTEIP: address },
    }).stdout
  const env = { DRAC_MAP: list('address', 'allow,RELAYCLIENT=""'), TCP_SMTP: rules }
  expect(run('qmail/drac-tcprules', env, UCSPI)).toMatchObject({ status: 0, stderr: '' })
  for (const relays of ['192.0.2.5', '127.0.0.1'])
    expect(check(relays)).toContain('set environment variable RELAYCLIENT=')
  expect(check('192.0.2.6')).not.toContain('RELAYCLIENT')
  expect(check('203.0.113.9')).toContain('deny connection')
  rmSync(rules)
  expect(run('qmail/drac-tcprules', env, UCSPI).status).not.toBe(0)
  expect(check('192.0.2.5')).toContain('RELAYCLIENT') // the rules that were made before stay
})
