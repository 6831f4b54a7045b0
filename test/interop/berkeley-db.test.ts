// Our btree and hash files against Berkeley DB itself: its verifier and dumper (package db5.3-util), and look-ups through its
// library (perl's DB_File); and files that Berkeley DB made against our reader.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { addressFromUint32 } from '../../src/lib/address.ts'
import { formatOf } from '../../src/maps/publisher/formats.ts'
import { buildImage, recordOf } from '../../src/maps/publisher/image.ts'
import type { MapConfig } from '../../src/maps/publisher/map-config.ts'
import { readOriginalMap } from '../../src/maps/publisher/original-map.ts'

const runs = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0
const TOOLS = runs('db5.3_verify', '-V') && runs('db5.3_dump', '-V') && runs('db5.3_load', '-V')
const PERL = runs('perl', '-MDB_File', '-e', 'exit($DB_File::db_version < 5)')
if (!TOOLS) console.warn('skipped: db5.3_verify, db5.3_dump and db5.3_load are needed; apt-get install db5.3-util')
if (!PERL) console.warn('skipped: perl with DB_File on Berkeley DB 5 is needed; apt-get install perl')

const folder = mkdtempSync(join(tmpdir(), 'drac-bdb-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const path = join(folder, 'dracd.db')
type Type = 'btree' | 'hash'
const TYPES: readonly Type[] = ['btree', 'hash']
const MB = 1024 * 1024
const config = (more: Partial<MapConfig>): MapConfig => ({
  path,
  format: 'btree',
  key: 'address',
  value: 'expiry',
  nul: false,
  ...more,
})

/** Half of them side by side, half scattered over the rest of IPv4 by a multiplication with an odd number modulo 2^32. */
const clients = (n: number): string[] =>
  Array.from({ length: n }, (_, i) => {
    const scattered = Math.imul(i, 2654435761) >>> 0
    return addressFromUint32(i % 2 || scattered >>> 24 === 10 ? 0x0a000000 + i : scattered)
  })
const expiryOf = (i: number): number => 1_999_000_000 + (i % 1800)

/** `db5.3_dump -p`: a header, then a key and a value on lines of their own, one space before each, other bytes as \xx. */
function dump(type: Type): string[] {
  const text = execFileSync('db5.3_dump', ['-p', path], { maxBuffer: 256 * MB }).toString()
  expect(text).toContain(`type=${type}\n`)
  return text
    .slice(text.indexOf('HEADER=END\n') + 11, text.indexOf('DATA=END\n'))
    .split('\n')
    .slice(0, -1)
}
/** A hash has no order of its own. */
const sortedPairs = (lines: readonly string[]): string[] =>
  lines
    .flatMap((key, i) => (i % 2 ? [] : [`${key}\n${lines[i + 1]}`]))
    .sort()
    .flatMap((pair) => pair.split('\n'))
function expectClean(): void {
  const { status, stdout, stderr } = spawnSync('db5.3_verify', [path])
  expect([status, `${stdout}${stderr}`.trim()]).toEqual([0, `BDB5105 Verification of ${path} succeeded.`])
}

describe.skipIf(!TOOLS)('db5.3_verify is content and db5.3_dump shows exactly the entries', () => {
  const SHAPES = TYPES.flatMap((format) => [512, 4096].map((pageSize) => [format, pageSize] as const))
  describe.each(SHAPES)('%s, %i bytes a page', (format, pageSize) => {
    describe.each([false, true])('nul %s', (nul) => {
      test.each([0, 1, 10, 10_000, 100_000])('%i entries', (n) => {
        const shape = config({ format, nul, pageSize })
        const lines = clients(n).map((address, i) => recordOf(address, expiryOf(i), shape))
        writeFileSync(path, buildImage(lines, shape).bytes)
        expectClean()
        const end = nul ? '\\00' : ''
        const sorted = clients(n)
          .map((address, i) => [address, expiryOf(i)] as const)
          .sort(([a], [b]) => (a < b ? -1 : 1))
        const wanted = sorted.flatMap(([address, expiry]) => [` ${address}${end}`, ` ${expiry}${end}`])
        const seen = dump(format)
        const [a, b] = format === 'btree' ? [seen, wanted] : [sortedPairs(seen), sortedPairs(wanted)]
        expect(a.join('\n')).toBe(b.join('\n'))
      })
    })
  })

  test.each(TYPES)('%s: IPv6 clients under every spelling, mixed with IPv4', (format) => {
    const shape = config({ format, value: 'OK', key: 'cidr', pageSize: 512 })
    const addresses = Array.from({ length: 2000 }, (_, i) => [
      `2001:db8:${i.toString(16)}::5`,
      `fd00::${(i + 1).toString(16)}`,
      `10.0.${i >> 8}.${i & 255}`,
    ]).flat()
    const image = buildImage(
      addresses.map((address) => recordOf(address, 0, shape)),
      shape,
    )
    writeFileSync(path, image.bytes)
    expectClean()
    expect(image.keys).toBe(2000 * 13)
    const seen = dump(format)
    expect(seen).toHaveLength(2 * image.keys)
    expect(seen).toContain(' ipv6:fd00:0:0:0:0:0:0:7d0/128')
  })
})

/** Prints how many of the keys on standard input were found, and how many were found with a letter after them. */
const LOOK_UP = `
  tie %map, "DB_File", $ARGV[0], O_RDONLY, 0, $ARGV[1] eq "hash" ? $DB_HASH : $DB_BTREE or die $!;
  while (<STDIN>) { chomp; $found++ if defined $map{$_}; $others++ if defined $map{"\${_}x"} || defined $map{"x$_"} }
  printf "%d %d", $found, $others`

test
  .skipIf(!PERL)
  .each(
    TYPES.flatMap((format) =>
      [512, 4096, 65_536].flatMap((size) => [false, true].map((nul) => [format, size, nul] as const)),
    ),
  )('the library finds every key and no other: %s, %i bytes a page, nul %s', (format, pageSize, nul) => {
  const shape = config({ format, pageSize, nul })
  const addresses = [...clients(50_000), ...Array.from({ length: 5000 }, (_, i) => `2001:db8::${(i + 1).toString(16)}`)]
  writeFileSync(
    path,
    buildImage(
      addresses.map((address, i) => recordOf(address, expiryOf(i), shape)),
      shape,
    ).bytes,
  )
  const keys = Array.from(formatOf(shape).entries(readFileSync(path), shape), ([key]) => key)
  expect(keys).toHaveLength(50_000 + 6 * 5000)
  const answer = execFileSync('perl', ['-MDB_File', '-e', LOOK_UP, path, format], { input: keys.join('\n') })
  expect(answer.toString()).toBe(`${keys.length} 0`)
})

test.skipIf(!TOOLS).each(TYPES.flatMap((type) => ['', '\\00'].map((end) => [type, end] as const)))(
  'an original %s of 512-byte pages is read, with "%s" after keys and values',
  (type, end) => {
    const addresses = [...clients(3000), '2001:db8::5', '2001:db8::6']
    const input = addresses.map((address, i) => `${address}${end}\n${expiryOf(i)}${end}\n`).join('')
    rmSync(path, { force: true })
    execFileSync('db5.3_load', ['-T', '-t', type, '-c', 'db_pagesize=512', path], { input })
    expect(readFileSync(path).readUInt32LE(20)).toBe(512)
    const read = Object.fromEntries(readOriginalMap(readFileSync(path)).map(({ key, expiresAt }) => [key, expiresAt]))
    expect(read).toEqual(Object.fromEntries(addresses.map((address, i) => [address, expiryOf(i)])))
  },
)

/** As rpc.dracd lives with its map: puts, renewals and deletions in place. Then prints what should be in it. */
const LIVE_WITH_IT = `
  $DB_BTREE->{psize} = $DB_HASH->{bsize} = 512; srand(7);
  $type = $ARGV[1] eq "hash" ? $DB_HASH : $DB_BTREE;
  $db = tie %map, "DB_File", $ARGV[0], O_RDWR|O_CREAT|O_TRUNC, 0600, $type or die $!;
  for (1..30000) {
    $key = join ".", 10, 0, int rand 16, int rand 256;
    if (rand() < 0.45) { delete $map{$key}; delete $live{$key} } else { $live{$key} = $map{$key} = 1999000000 + $_ }
  }
  $db->sync;
  print map { "$_ $live{$_}\\n" } sort keys %live;`

test.skipIf(!PERL).each(TYPES)('a %s that was changed in place for long is read', (type) => {
  rmSync(path, { force: true })
  const live = execFileSync('perl', ['-MDB_File', '-e', LIVE_WITH_IT, path, type]).toString()
  const read = readOriginalMap(readFileSync(path)).map(({ key, expiresAt }) => `${key} ${expiresAt}\n`)
  expect(read.sort().join('')).toBe(live)
  expect(read.length).toBeGreaterThan(1000)
})
