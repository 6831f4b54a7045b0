import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readSettings } from './read.ts'

let folder: string
let file: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drac-settings-'))
  file = join(folder, 'dracd.toml')
})
afterAll(() => rmSync(folder, { recursive: true }))

function read(text: string, ...set: string[]) {
  writeFileSync(file, text)
  return readSettings({ file, set }).settings
}
const messageOf = (text: string, ...set: string[]): string => {
  try {
    read(text, ...set)
  } catch (error) {
    expect(error).toMatchObject({ kind: 'config' })
    return (error as Error).message.replace(file, 'FILE')
  }
  throw new Error('the settings were accepted')
}

test('an empty file means every default', () => {
  const settings = read('')
  expect(settings).toMatchObject({
    lifetime: 1800,
    max_lifetime: 86_400,
    ipv4_prefix: 32,
    ipv6_prefix: 128,
    max_entries: 1_000_000,
  })
  expect(settings.trusted_clients).toEqual([
    { network: '127.0.0.1', width: 32 },
    { network: '::1', width: 128 },
  ])
  expect(settings.drac_rpc.portmapper).toBe('auto')
  expect(settings.map).toEqual([])
})

test('the sample of the manual is understood', () => {
  const settings = read(`
lifetime = "1h30m"
exempt_networks = ["192.0.2.0/24", "2001:db8::/32"]
[drac_rpc]
listen = ["udp:127.0.0.1:0"]
[tcp_table]
listen = []
[dns_list]
listen = []
zone = "drac.invalid"
[http]
listen = []
token_file = ""
[[map]]
path = "/etc/mail/dracd.db"
format = "btree"
command = ""
`)
  expect(settings.lifetime).toBe(5400)
  expect(settings.map).toEqual([
    { path: '/etc/mail/dracd.db', format: 'btree', key: 'address', value: 'expiry', nul: false, command: '' },
  ])
})

test('--set comes over the file, as TOML or as plain text', () => {
  const settings = read(
    'lifetime = "5m"\n',
    'lifetime=10m',
    'max_entries=5',
    'trusted_clients=10.0.0.1, 10.0.0.2',
    'socketmap.listen=["tcp:127.0.0.1:0"]',
    'drac_rpc.portmapper=off',
  )
  expect(settings.lifetime).toBe(600)
  expect(settings.max_entries).toBe(5)
  expect(settings.trusted_clients).toHaveLength(2)
  expect(settings.socketmap.listen).toEqual([{ transport: 'tcp', address: '127.0.0.1', port: 0 }])
  expect(settings.drac_rpc.portmapper).toBe('off')
})

describe('what is wrong is named by file, line, setting and cure', () => {
  test.each([
    ['a syntax error', 'lifetime = \n', /^FILE:1: not TOML: .*: lifetime =$/],
    ['an unknown name', '\nlifetme = "30m"\n', /^FILE:2: lifetme: there is no such setting; did you mean lifetime\?/],
    ['a name that nothing is like', 'colour = "red"\n', /^FILE:1: colour: there is no such setting; see dracd\.toml/],
    [
      'a name in the wrong table',
      '[drac_rpc]\nlifetime = "1h"\n',
      /^FILE:2: drac_rpc\.lifetime: there is no such setting here; lifetime stands above the first \[table\]/,
    ],
    ['a name outside its table', 'portmapper = "off"\n', /^FILE:1: portmapper: .* did you mean drac_rpc\.portmapper\?/],
    [
      'a misspelt name in a map',
      '[[map]]\npath = "/a"\nformt = "hash"\n',
      /^FILE:3: map\.0\.formt: .* mean map\.format\?/,
    ],
    ['a misspelt table', '[socket_map]\nlisten = []\n', /^FILE:1: socket_map: .* did you mean socketmap\?/],
    ['single brackets', '\n[map]\npath = "/a"\n', /^FILE:2: map: is a table: write \[\[map\]\] on a line of its own/],
    ['double brackets', '[[drac_rpc]]\nlisten = []\n', /^FILE:1: drac_rpc\.0: is a table: write \[drac_rpc\] on/],
    ['a value in place of a table', 'drac_rpc = 5\n', /^FILE:1: drac_rpc: is a table: write \[drac_rpc\] on/],
    ['a table in place of a value', '\n[lifetime]\nx = 1\n', /^FILE:2: lifetime: write a duration/],
    ['a number in a list of text', 'exempt_networks = [1]\n', /^FILE:1: exempt_networks: .*networks, each in quotes/],
    [
      'text in place of true',
      '[[map]]\npath = "/a"\nnul = "yes"\n',
      /^FILE:3: map\.0\.nul: must be true or false, not "yes"/,
    ],
    ['a quoted name', '"lifetime" = "soon"\n', /^FILE:1: lifetime: "soon" is not a duration/],
    [
      'a lifetime above the default max_lifetime',
      '\nlifetime = "48h"\n',
      /^FILE:2: max_lifetime: must not be shorter than lifetime/,
    ],
    ['an unknown name in a table', '[drac_rpc]\n\nport = 1\n', /^FILE:3: drac_rpc\.port: there is no such setting/],
    ['a bad duration', '# x\nlifetime = "soon"\n', /^FILE:2: lifetime: "soon" is not a duration; write 30m/],
    ['a lifetime of zero', 'lifetime = 0\n', /^FILE:1: lifetime: must be at least 1 s/],
    [
      'max_lifetime below lifetime',
      'lifetime = "2h"\nmax_lifetime = "1h"\n',
      /^FILE:2: max_lifetime: must not be shorter than lifetime/,
    ],
    ['a prefix that opens the world', 'ipv4_prefix = 0\n', /^FILE:1: ipv4_prefix: must be at least 24/],
    ['an IPv6 prefix that opens a provider', 'ipv6_prefix = 32\n', /^FILE:1: ipv6_prefix: must be at least 48/],
    [
      'the whole Internet trusted',
      'trusted_clients = ["127.0.0.1", "0.0.0.0/0"]\n',
      /^FILE:1: trusted_clients\.1: "0\.0\.0\.0\/0" trusts every host on the Internet/,
    ],
    [
      'the whole IPv6 Internet trusted',
      'trusted_clients = "::/0"\n',
      /^FILE:1: trusted_clients\.0: "::\/0" trusts every host/,
    ],
    ['host bits', 'trusted_clients = ["192.0.2.1/24"]\n', /bits after \/24 are set; the network is 192\.0\.2\.0\/24/],
    [
      'two ways to say who is trusted',
      'trusted_clients = ["192.0.2.1"]\ntrusted_clients_file = "/x"\n',
      /^FILE:2: trusted_clients_file: trusted_clients is set too/,
    ],
    [
      'an endpoint',
      '[socketmap]\nlisten = ["tcp:localhost:1"]\n',
      /^FILE:2: socketmap\.listen\.0: "tcp:localhost:1" is no endpoint/,
    ],
    [
      'a map without a path',
      '[[map]]\nformat = "btree"\n',
      /^FILE:1: map\.0\.path: is missing; every \[\[map\]\] needs it/,
    ],
    [
      'the second of two maps',
      '[[map]]\npath = "/a"\n\n[[map]]\npath = "/b"\nkey = "name"\n',
      /^FILE:6: map\.1\.key: must be one of address, cidr, exim/,
    ],
    [
      'a format that there is not',
      '[[map]]\npath = "/a"\nformat = "lmdb"\n',
      /^FILE:3: map\.0\.format: must be one of btree, hash, cdb, tcprules, text/,
    ],
    [
      'settings of a map that do not go together',
      '\n[[map]]\npath = "/a"\nformat = "tcprules"\nvalue = "OK"\n',
      /^FILE:4: map\.0\.format: map \/a: format = "tcprules": .*leave value out/,
    ],
    [
      'two maps in one file',
      '[[map]]\npath = "/a"\n[[map]]\npath = "/a"\nformat = "hash"\n',
      /^FILE:4: map\.1\.path: is the path of another map/,
    ],
    [
      'an empty value, which is an error to Postfix',
      '[[map]]\npath = "/a"\nvalue = ""\n',
      /^FILE:3: map\.0\.value: map \/a: value must be "expiry" or 1 to 100/,
    ],
    [
      'a unit that is none',
      '[[log]]\njournal = ["dovecot.service; rm"]\n',
      /^FILE:2: log\.0\.journal\.0: write the name of a unit/,
    ],
  ])('%s', (_, text, expected) => {
    expect(messageOf(text)).toMatch(expected)
  })

  test('a wrong --set is named as such', () => {
    expect(messageOf('', 'lifetime=never')).toMatch(/^--set lifetime=never: lifetime: /)
    expect(messageOf('', 'nonsense')).toMatch(/^--set nonsense: write --set name=value/)
    expect(messageOf('lifetime = "1m"', 'lifetime.x=1')).toMatch(/^--set lifetime.x=1: lifetime is not a table/)
    expect(messageOf('[[map]]\npath = "/a"', 'map.nul=true')).toMatch(
      /map is not a table of settings; write --set 'map=\[/,
    )
    expect(messageOf('', 'lifetme=1h')).toMatch(/^--set lifetme=1h: lifetme: .* did you mean lifetime\?/)
  })

  test('a file that was asked for must be there; the default one need not', () => {
    expect(() => readSettings({ file: join(folder, 'missing.toml') })).toThrow(/missing\.toml: cannot be read/)
  })
})
