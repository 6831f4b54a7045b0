// Our map files against the programs that read them: tinycdb, tcprulescheck and tcpserver, postmap, makemap, Exim and
// OpenSMTPD. Berkeley DB's own tools: berkeley-db.test.ts. What the servers make of it in SMTP: the tests of each server.
import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Authorization } from '../../src/core/authorization.ts'
import { addressFromUint32 } from '../../src/lib/address.ts'
import type { RelayKey } from '../../src/lib/prefix.ts'
import { buildImage, recordOf } from '../../src/maps/publisher/image.ts'
import type { MapConfig } from '../../src/maps/publisher/map-config.ts'
import { MapPublisher } from '../../src/maps/publisher/publisher.ts'
import { Mta } from './mta.ts'
import { ENV, Namespace } from './namespace.ts'
import { skipping, unpacked } from './programs.ts'
import { SmtpSession } from './smtp.ts'
import { until } from './wait.ts'

const FILE = 'map-formats.test.ts'
const MB = 1024 * 1024
const folder = mkdtempSync(join(tmpdir(), 'drac-formats-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const config = (more: Partial<MapConfig>): MapConfig => ({
  path: join(folder, 'map'),
  format: 'btree',
  key: 'address',
  value: more.format === 'tcprules' ? 'expiry' : 'OK',
  nul: false,
  ...more,
})
const image = (clients: readonly string[], more: Partial<MapConfig>): Uint8Array => {
  const shape = config(more)
  return buildImage(
    clients.map((client, i) => recordOf(client, 2_000_000_000 + (i % 1800), shape)),
    shape,
  ).bytes
}
/** Scattered over IPv4, no two the same. */
const scattered = (n: number): string[] =>
  Array.from({ length: n }, (_, i) => addressFromUint32(Math.imul(i + 1, 2654435761) >>> 0))

const AUTHORIZED = ['192.0.2.5', '192.0.2.50', '2001:db8::5']
const NETWORKS = ['198.51.100.0/24', '2001:db8:1:2::/64']
const OTHERS = ['192.0.2.6', '2001:db8::6', '2001:db8:1:3::99', '203.0.113.1']
const IN_NETWORKS = ['198.51.100.7', '2001:db8:1:2::99']

const CDB = resolve('.cache/interop/tinycdb/usr/bin/cdb')
const noCdb = !existsSync(CDB)
if (noCdb) console.warn(`skipped: ${FILE}: no tinycdb; npm test as root on Debian fetches it`)

describe.skipIf(noCdb)('tinycdb', () => {
  const path = join(folder, 'tiny.cdb')
  const cdb = (...args: string[]): string => execFileSync(CDB, args, { encoding: 'utf8', maxBuffer: 256 * MB })

  test.each([0, 1, 10, 10_000, 100_000])('counts and dumps %i entries, and makes the same bytes of them', (n) => {
    const clients = scattered(n)
    writeFileSync(path, image(clients, { format: 'cdb' }))
    expect(cdb('-s', path)).toMatch(new RegExp(`^number of records: ${n}\n`))
    const lines = clients.map((client) => `+${client.length},2:${client}->OK\n`)
    expect(cdb('-d', path)).toBe(`${lines.join('')}\n`)
    execFileSync(CDB, ['-c', join(folder, 'theirs.cdb')], { input: `${lines.join('')}\n` })
    expect(readFileSync(path).equals(readFileSync(join(folder, 'theirs.cdb')))).toBe(true)
  })

  test('finds what is there and nothing else', () => {
    writeFileSync(path, image([...scattered(1000), ...AUTHORIZED], { format: 'cdb' }))
    for (const key of AUTHORIZED) expect(cdb('-q', path, key)).toBe('OK')
    expect(cdb('-q', path, 'ipv6:2001:db8:0:0:0:0:0:5')).toBe('OK')
    for (const key of [...OTHERS, '192.0.2', '']) expect(spawnSync(CDB, ['-q', path, key]).status).toBe(100)
  })
})

const skipped = skipping(
  FILE,
  'postfix',
  'postfix-maps',
  'exim',
  'opensmtpd',
  'sendmail',
  'ucspi-tcp',
  'ucspi-tcp-ipv6',
)

describe.skipIf(skipped)('in a namespace', { timeout: 120_000 }, () => {
  let namespace: Namespace
  beforeAll(async () => {
    namespace = await Namespace.open()
    mkdirSync(join(namespace.folder, 'maps'))
  }, 120_000)
  afterAll(() => namespace?.close())

  /** Writes a map; returns its path inside. */
  function put(name: string, more: Partial<MapConfig>, clients: readonly string[] = AUTHORIZED): string {
    writeFileSync(join(namespace.folder, 'maps', name), image(clients, more))
    return `/run/drac/maps/${name}`
  }
  const etc = (name: string, content: string): void => writeFileSync(join(namespace.folder, 'etc', name), content)

  describe('ucspi-tcp', () => {
    const check = (path: string, address: string): string[] => {
      const program = unpacked('ucspi-tcp/usr/bin/tcprulescheck')
      const lines = namespace.exec(program, [path], { env: { ...ENV, TCPREMOTEIP: address } }).split('\n')
      return lines.filter((line) => line !== '')
    }

    test('tcprulescheck: RELAYCLIENT for who may relay, and everybody else is let in without', () => {
      for (const clients of [AUTHORIZED, [...AUTHORIZED, ...scattered(10_000)]]) {
        const path = put('check.cdb', { format: 'tcprules' }, clients)
        for (const address of AUTHORIZED) {
          const set = 'set environment variable RELAYCLIENT='
          expect(check(path, address)).toEqual([`rule ${address}:`, set, 'allow connection'])
        }
        for (const address of OTHERS) expect(check(path, address)).toEqual(['rule :', 'allow connection'])
      }
    })

    test('the same file as tcprules makes of the same rules', () => {
      // Of IPv4 alone: tcprules ends a rule's address at its first colon.
      const rules = '192.0.2.5:allow,RELAYCLIENT=""\n:allow\n'
      const program = unpacked('ucspi-tcp/usr/bin/tcprules')
      namespace.exec(program, ['/run/drac/maps/theirs.cdb', '/run/drac/maps/theirs.tmp'], { input: rules })
      const ours = put('ours.cdb', { format: 'tcprules' }, ['192.0.2.5']).split('/').at(-1)!
      const read = (name: string): Buffer => readFileSync(join(namespace.folder, 'maps', name))
      expect(read(ours).equals(read('theirs.cdb'))).toBe(true)
    })

    /** Answers each connection with the client's address and what RELAYCLIENT is. */
    // biome-ignore lint/suspicious/noTemplateCurlyInString: for the shell
    const SAY = 'echo "$TCPREMOTEIP <$RELAYCLIENT> ${RELAYCLIENT-unset}"'
    async function startServer(kind: string, port: number, path: string): Promise<void> {
      const args = ['-H', '-R', '-l', '0', '-x', path, '0', String(port), 'sh', '-c', SAY]
      namespace.spawn(unpacked(`${kind}/usr/bin/tcpserver`), args, { stdio: 'ignore' })
      await until('tcpserver to answer', async () => (await ask('192.0.2.9', port)) !== '')
    }
    const ask = (from: string, port: number): Promise<string> => {
      const socket = namespace.connect(from, from.includes(':') ? '2001:db8::1' : '192.0.2.1', port)
      return textOf(socket).catch(() => '')
    }

    test('a live tcpserver, with a map that is replaced under it', async () => {
      const path = put('live.cdb', { format: 'tcprules' }, [])
      await startServer('ucspi-tcp', 2525, path)
      expect(await ask('192.0.2.5', 2525)).toBe('192.0.2.5 <> unset\n')
      put('live.cdb', { format: 'tcprules' }, ['192.0.2.5'])
      expect(await ask('192.0.2.5', 2525)).toBe('192.0.2.5 <> \n')
      expect(await ask('192.0.2.6', 2525)).toBe('192.0.2.6 <> unset\n')
    })

    test('a live tcpserver with IPv6, which spells some addresses in its own way', async () => {
      const ODD = [
        '2001:db8:0:1:1:1:1:1',
        '2001:db8:0:1:0:1:1:1',
        '2001:db8:1:2:3:4:5:0',
        '2001:db8:1::1:0:0',
        'fd00::',
      ]
      for (const address of ODD) namespace.exec('ip', ['addr', 'add', `${address}/128`, 'dev', 'lo', 'nodad'])
      await startServer('ucspi-tcp-ipv6', 2526, put('live6.cdb', { format: 'tcprules' }, [...AUTHORIZED, ...ODD]))
      for (const address of ['192.0.2.5', '2001:db8::5', ...ODD]) {
        expect(await ask(address, 2526)).toMatch(/^[0-9a-f.:]+ <> \n$/)
      }
      for (const address of ['192.0.2.6', '2001:db8::6']) expect(await ask(address, 2526)).toBe(`${address} <> unset\n`)
    })
  })

  describe('Postfix', () => {
    const LIB = unpacked('postfix/usr/lib/postfix')
    const POSTMAP = unpacked('postfix/usr/sbin/postmap')
    const env = { ...ENV, LD_LIBRARY_PATH: LIB }
    beforeAll(() => {
      etc(
        'postfix/main.cf',
        `compatibility_level = 3.6\nmyhostname = mta.test\nshlib_directory = ${LIB}\ndata_directory = /run\n`,
      )
      const dynamic = (type: string): string =>
        `${type} ${unpacked(`postfix-maps/usr/lib/postfix/postfix-${type}.so`)} dict_${type}_open mkmap_${type}_open\n`
      etc('postfix/dynamicmaps.cf', dynamic('cdb') + dynamic('lmdb'))
    })
    /** Those of the keys that a map has, with their values. */
    const query = (map: string, keys: readonly string[]): string[] =>
      namespace
        .exec('sh', ['-c', '"$0" -q - "$1" || [ $? = 1 ]', POSTMAP, map], { env, input: `${keys.join('\n')}\n` })
        .split('\n')
        .slice(0, -1)

    test.each<[type: string, file: string, Partial<MapConfig>]>([
      ['btree', 'p.db', { format: 'btree' }],
      ['btree', 'p.db', { format: 'btree', nul: true }],
      ['hash', 'p.db', { format: 'hash' }],
      ['hash', 'p.db', { format: 'hash', nul: true }],
      ['cdb', 'p.cdb', { format: 'cdb' }],
      ['texthash', 'p', { format: 'text' }],
      ['cidr', 'p', { format: 'text', key: 'cidr' }],
    ])('postmap -q %s:%s finds every key and no other: %j', (type, file, more) => {
      // A cidr: table is searched from its beginning for each key.
      const many = scattered(type === 'cidr' ? 1000 : 10_000)
      put(file, more, [...many, ...AUTHORIZED])
      const absent = many.map((address) => `${address}x`)
      const wanted = [...many, ...AUTHORIZED].map((key) => `${key}\tOK`)
      const asked = type === 'cidr' ? OTHERS : [...OTHERS, ...absent]
      expect(query(`${type}:/run/drac/maps/p`, [...many, ...AUTHORIZED, ...asked])).toEqual(wanted)
      put(file, more, [])
      expect(query(`${type}:/run/drac/maps/p`, AUTHORIZED)).toEqual([])
    })

    test('cidr: holds networks', () => {
      const path = put('nets', { format: 'text', key: 'cidr' }, [...AUTHORIZED, ...NETWORKS])
      expect(query(`cidr:${path}`, [...IN_NETWORKS, ...OTHERS])).toEqual(IN_NETWORKS.map((key) => `${key}\tOK`))
    })

    test('every IPv6 spelling of sendmail is there too', () => {
      put('s.db', { format: 'hash' })
      const keys = ['2001:db8:0:0:0:0:0:5', 'ipv6:2001:db8:0:0:0:0:0:5', 'ipv6:2001:db8::5']
      expect(query('hash:/run/drac/maps/s', keys)).toEqual(keys.map((key) => `${key}\tOK`))
    })

    test('lmdb by a command after each replacement, emptied at the stop', async () => {
      const path = join(namespace.folder, 'maps', 'drac')
      // The command runs outside: what postmap needs stands there as well.
      const outside = join(folder, 'postfix')
      mkdirSync(outside)
      const inCache = (name: string): string => resolve('.cache/interop', name)
      const libraries = inCache('postfix/usr/lib/postfix')
      writeFileSync(
        join(outside, 'main.cf'),
        `compatibility_level = 3.6\nmyhostname = mta.test\nshlib_directory = ${libraries}\nmail_owner = bin\nsetgid_group = daemon\ndata_directory = ${outside}\nmeta_directory = ${outside}\n`,
      )
      writeFileSync(
        join(outside, 'dynamicmaps.cf'),
        `lmdb ${inCache('postfix-maps/usr/lib/postfix/postfix-lmdb.so')} dict_lmdb_open mkmap_lmdb_open\n`,
      )
      const live: Authorization[] = AUTHORIZED.map((key) => ({
        key: key as RelayKey,
        expiresAt: 2_000_000_000,
        firstSeen: 0,
        lastSeen: 0,
        source: 'test',
      }))
      const publisher = new MapPublisher(
        config({
          path,
          format: 'text',
          command: `LD_LIBRARY_PATH=${libraries} ${inCache('postfix/usr/sbin/postmap')} -c ${outside} "lmdb:$DRAC_MAP"`,
        }),
        () => live,
        () => 1_999_999_999,
      )
      await publisher.start()
      await until('the command to have run', () => (publisher.status().command?.runs ?? 0) > 0)
      expect(publisher.health()).toEqual({ state: 'up' })
      expect(publisher.status().command?.failures).toBe(0)
      expect(query('lmdb:/run/drac/maps/drac', [...AUTHORIZED, ...OTHERS])).toEqual(AUTHORIZED.map((k) => `${k}\tOK`))
      await publisher.close()
      expect(query('lmdb:/run/drac/maps/drac', AUTHORIZED)).toEqual([])
    })
  })

  describe('sendmail', () => {
    const MAKEMAP = ['-C', '/dev/null']
    const makemap = (args: string[], input = ''): string =>
      namespace.exec(unpacked('sendmail/usr/libexec/sendmail/makemap'), [...MAKEMAP, ...args], { input })

    test.each(['btree', 'hash'] as const)('makemap -u shows every entry of a %s', (format) => {
      put(`m.db`, { format }, [...scattered(2000), '2001:db8::5'])
      const lines = makemap(['-u', format, '/run/drac/maps/m']).split('\n').slice(0, -1)
      expect(lines).toHaveLength(2006)
      expect(lines).toContain('IPv6:2001:db8:0:0:0:0:0:5\tOK')
    })

    test.each(['btree', 'hash'])('makemap %s takes our text without complaint', (type) => {
      const text = readFileSync(
        join(namespace.folder, 'maps', put('m.txt', { format: 'text' }).split('/').at(-1)!),
        'utf8',
      )
      makemap([type, `/run/drac/maps/made-${type}`], text)
      const lines = makemap(['-u', type, `/run/drac/maps/made-${type}`])
        .split('\n')
        .slice(0, -1)
      expect(lines.sort()).toEqual(text.split('\n').slice(1, -1).sort())
    })
  })

  describe('Exim', () => {
    const EXIM = unpacked('exim/usr/sbin/exim4')
    beforeAll(() => {
      etc(
        'exim.conf',
        'acl_smtp_rcpt = r\nkeep_environment =\nbegin acl\nr:\n  accept hosts = MAP\n  deny\nbegin routers\n',
      )
    })
    const exim = async (args: readonly string[], input: string): Promise<string> => {
      const child = namespace.spawn(EXIM, ['-C', '/etc/exim.conf', ...args], { stdio: ['pipe', 'pipe', 'ignore'] })
      child.stdin!.end(input)
      const [said] = await Promise.all([textOf(child.stdout!), once(child, 'close')])
      return said
    }
    /** What `${lookup{ADDRESS}...}` yields for each. */
    async function expand(lookup: string, addresses: readonly string[]): Promise<string[]> {
      const lines = addresses.map((address) => `\${lookup{${address}}${lookup}{$value}{no}}\n`)
      const said = await exim(['-DMAP=', '-be'], lines.join(''))
      return said
        .split('\n')
        .map((line) => line.replace(/^(> )+/, ''))
        .filter((line) => line !== '')
    }

    test.each<[lookup: string, Partial<MapConfig>]>([
      ['cdb', { format: 'cdb' }],
      ['cdb', { format: 'cdb', key: 'exim' }],
      ['dbm', { format: 'hash', nul: true }],
      ['dbm', { format: 'btree', nul: true }],
      ['dbmnz', { format: 'hash' }],
      ['dbmnz', { format: 'btree' }],
      ['lsearch', { format: 'text', key: 'exim' }],
      ['iplsearch', { format: 'text', key: 'exim' }],
    ])('look-up %s of %j', async (lookup, more) => {
      const many = scattered(lookup.endsWith('lsearch') ? 100 : 2000)
      const path = put('e', more, [...many, ...AUTHORIZED])
      const asked = [...many, ...AUTHORIZED, ...OTHERS]
      const wanted = [...[...many, ...AUTHORIZED].map(() => 'OK'), ...OTHERS.map(() => 'no')]
      expect(await expand(`${lookup}{${path}}`, asked)).toEqual(wanted)
      put('e', more, [])
      expect(await expand(`${lookup}{${path}}`, AUTHORIZED)).toEqual(AUTHORIZED.map(() => 'no'))
    })

    test('look-up iplsearch finds networks', async () => {
      const path = put('e', { format: 'text', key: 'exim' }, [...AUTHORIZED, ...NETWORKS])
      const found = await expand(`iplsearch{${path}}`, [...IN_NETWORKS, ...OTHERS])
      expect(found).toEqual([...IN_NETWORKS.map(() => 'OK'), ...OTHERS.map(() => 'no')])
    })

    /** The reply to RCPT TO from each address, by exim -bh. */
    async function relays(hosts: string, address: string): Promise<number> {
      const dialogue = 'EHLO client.test\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<x@example.com>\r\nQUIT\r\n'
      const said = await exim([`-DMAP=${hosts}`, '-bh', address], dialogue)
      return Number(said.trimEnd().split('\n').at(-2)?.slice(0, 3))
    }

    test.each<[hosts: string, Partial<MapConfig>]>([
      ['net-cdb ; net24-cdb ; net64-cdb', { format: 'cdb' }],
      ['net-dbm ; net24-dbm ; net64-dbm', { format: 'hash', nul: true }],
      ['net-dbm ; net24-dbm ; net64-dbm', { format: 'btree', nul: true }],
      ['net-dbmnz ; net24-dbmnz ; net64-dbmnz', { format: 'hash' }],
      ['net-lsearch ; net24-lsearch ; net64-lsearch', { format: 'text' }],
      ['net-iplsearch', { format: 'text' }],
    ])('hosts = %s of key = "exim", %j', async (lists, more) => {
      const path = put('h', { ...more, key: 'exim' }, [...AUTHORIZED, ...NETWORKS])
      const hosts = `<; ${lists
        .split(' ; ')
        .map((list) => `${list};;${path}`)
        .join(' ; ')}`
      const answers: Record<string, number> = {}
      for (const address of [...AUTHORIZED, ...IN_NETWORKS, ...OTHERS]) answers[address] = await relays(hosts, address)
      expect(answers).toEqual({
        ...Object.fromEntries([...AUTHORIZED, ...IN_NETWORKS].map((address) => [address, 250])),
        ...Object.fromEntries(OTHERS.map((address) => [address, 550])),
      })
    })
  })

  test('OpenSMTPD: db: of a hash, file: of a list and of networks', async () => {
    const SMTPD = unpacked('opensmtpd/usr/sbin/smtpd')
    const tables = {
      db: `db:${put('o.db', { format: 'hash' }, [...scattered(2000), ...AUTHORIZED])}`,
      nul: `db:${put('n.db', { format: 'hash', nul: true })}`,
      list: `file:${put('list', { format: 'text', value: '' })}`,
      cidr: `file:${put('cidrs', { format: 'text', key: 'cidr', value: '' }, [...AUTHORIZED, ...NETWORKS])}`,
    }
    const names = Object.keys(tables)
    etc(
      'smtpd.conf',
      [
        ...Object.entries(tables).map(([name, table]) => `table ${name} ${table}`),
        'listen on 192.0.2.1 port 25 hostname mta.test',
        'listen on 2001:db8::1 port 25 hostname mta.test',
        'action "relay" relay',
        ...names.map((name) => `match from src <${name}> for domain "${name}.test" action "relay"`),
        '',
      ].join('\n'),
    )
    etc('mailname', 'mta.test\n')
    namespace.exec('sh', [
      '-c',
      'mount -t tmpfs -o mode=755 tmpfs /var/lib; mkdir -p /var/lib/opensmtpd/empty /var/spool/smtpd; chmod 711 /var/spool/smtpd',
    ])
    await Mta.start(namespace, SMTPD, ['-F'])
    for (const address of ['192.0.2.5', '192.0.2.6', '2001:db8::5', '2001:db8::6']) {
      const session = await SmtpSession.open(namespace, address)
      await session.command('MAIL FROM:<a@b.test>')
      const answers: number[] = []
      for (const name of names) answers.push((await session.command(`RCPT TO:<x@${name}.test>`)).code)
      expect([address, answers]).toEqual([address, names.map(() => (address.endsWith('5') ? 250 : 550))])
      await session.command('QUIT')
    }
  })
})
