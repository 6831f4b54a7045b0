import { readFileSync } from 'node:fs'
import dnsPacket from 'dns-packet'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Lookups } from '../../core/lookups.ts'
import { addressFromOctets } from '../../lib/address.ts'
import { configError, malformed, tempfail } from '../../lib/errors.ts'
import { reversedName } from '../../protocols/dns-list/reversed-name.ts'
import { answerMessage } from './lookup.ts'
import { parseZone } from './zone.ts'

const MAY = new Set(['192.0.2.5', '2001:db8::5'])
const UNTIL = 1_790_000_000
const ZONE = parseZone('Drac.invalid.')
const table: Lookups = {
  lookup(client) {
    if ((client as string) === '192.0.2.9') throw tempfail('DRAC_STORE_DOWN', 'no')
    if (!MAY.has(client)) return { action: 'dunno' }
    const authorization = { key: client as never, expiresAt: UNTIL, firstSeen: 1, lastSeen: 1, source: 'test' }
    return { action: 'permit', authorization }
  },
}
const failing = (error: unknown): Lookups => ({
  lookup: () => {
    throw error
  },
})
const { vectors } = JSON.parse(readFileSync('test/vectors/dns-list.json', 'utf8')) as {
  vectors: { by: string; query: string; response: string }[]
}
const query = (name: string, type = 'A', more: { class?: string; flags?: number } = {}): Buffer =>
  dnsPacket.encode({
    id: 7,
    type: 'query',
    flags: more.flags ?? 0x100,
    questions: [{ name, type, class: more.class ?? 'IN' }],
  })
function answer(bytes: Buffer, lookups = table): string {
  const response = answerMessage(lookups, ZONE, bytes)
  if (response === undefined) return 'silence'
  const { rcode, answers, authorities } = dnsPacket.decode(response)
  const data = answers.map((record) =>
    'data' in record ? [record.type, record.ttl, String(record.data)].join(' ') : '',
  )
  return [rcode, ...data, ...authorities.map((record) => record.type)].join(' ')
}

test.each(vectors)('$by', ({ query: bytes, response }) => {
  expect(answerMessage(table, ZONE, Buffer.from(bytes, 'hex'))?.toString('hex')).toBe(response)
})

test.each([
  ['5.2.0.192.drac.invalid', 'A', 'NOERROR A 0 127.0.0.2'],
  ['5.2.0.192.dRAC.Invalid', 'ANY', 'NOERROR A 0 127.0.0.2'],
  ['5.2.0.192.drac.invalid', 'TXT', 'NOERROR TXT 0 2026-09-21T14:13:20Z'],
  ['5.2.0.192.drac.invalid', 'AAAA', 'NOERROR SOA'],
  ['5.2.0.192.drac.invalid', 'SOA', 'NOERROR SOA'],
  ['6.2.0.192.drac.invalid', 'A', 'NXDOMAIN SOA'],
  ['6.2.0.192.drac.invalid', 'TXT', 'NXDOMAIN SOA'],
  ['9.2.0.192.drac.invalid', 'A', 'SERVFAIL'],
  ['9.2.0.192.drac.invalid', 'MX', 'SERVFAIL'],
  ['2.0.192.drac.invalid', 'A', 'NOERROR SOA'],
  ['1.0.0.2.drac.invalid', 'A', 'NOERROR SOA'],
  ['x.5.2.0.192.drac.invalid', 'A', 'NXDOMAIN SOA'],
  ['c5.test.drac.invalid', 'A', 'NXDOMAIN SOA'],
  ['2.0.0.127.drac.invalid', 'A', 'NXDOMAIN SOA'],
  ['drac.invalid', 'A', 'NOERROR SOA'],
  ['drac.invalid', 'NS', 'NOERROR NS 0 drac.invalid'],
  ['drac.invalid', 'AXFR', 'REFUSED'],
  ['5.2.0.192.drac.invalid', 'IXFR', 'REFUSED'],
  ['5.2.0.192.xdrac.invalid', 'A', 'REFUSED'],
  ['5.2.0.192.drac.invalid.org', 'A', 'REFUSED'],
  ['invalid', 'A', 'REFUSED'],
  ['.', 'NS', 'REFUSED'],
])('%s %s: %s', (name, type, expected) => {
  expect(answer(query(name, type))).toBe(expected)
})

test('other classes are refused, other opcodes not implemented, responses met with silence', () => {
  expect(answer(query('5.2.0.192.drac.invalid', 'A', { class: 'CH' }))).toBe('REFUSED')
  for (let opcode = 1; opcode < 16; opcode++) {
    expect(answer(query('5.2.0.192.drac.invalid', 'A', { flags: opcode << 11 }))).toBe('NOTIMP')
  }
  expect(answer(Buffer.from(vectors[0]!.response, 'hex'))).toBe('silence')
  expect(answer(Buffer.alloc(11))).toBe('silence')
  expect(answer(Buffer.alloc(12))).toBe('FORMERR')
})

test.each([tempfail('X', 'no'), malformed('X', 'no'), configError('X', 'no'), new TypeError('x is undefined')])(
  'cannot tell: %s',
  (error) => {
    expect(answer(query('5.2.0.192.drac.invalid'), failing(error))).toBe('SERVFAIL')
    expect(answer(query('c5.drac.invalid'), failing(error))).toBe('NXDOMAIN SOA')
  },
)

test('an expiry beyond all calendars is no crash', () => {
  const far = { ...table, lookup: () => ({ action: 'permit', authorization: { expiresAt: 1e300 } }) as never }
  expect(answer(query('5.2.0.192.drac.invalid', 'TXT'), far)).toBe('SERVFAIL')
})

test('property: listed if and only if the name is that of an authorized address', () => {
  const octets = fc.oneof(
    fc.constantFrom([192, 0, 2, 5], [192, 0, 2, 6]).map((bytes) => Uint8Array.from(bytes)),
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  )
  const address = octets.map((bytes) => reversedName(addressFromOctets(bytes)))
  const label = fc.stringMatching(/^[ -~]{1,12}$/)
  const names = fc.oneof(
    address,
    label,
    fc.tuple(label, address).map(([a, b]) => `${a}.${b}`),
  )
  const listed = new Set(['5.2.0.192', reversedName('2001:db8::5' as never)])
  fc.assert(
    fc.property(names, fc.constantFrom('A', 'TXT', 'ANY'), (labels, type) => {
      fc.pre(!/^\.|\.$|\.\./.test(labels))
      expect(answer(query(`${labels}.drac.invalid`, type)).startsWith(`NOERROR ${type === 'ANY' ? 'A' : type}`)).toBe(
        listed.has(labels),
      )
    }),
    { numRuns: 500 },
  )
})

test('property: no answer is more than 75 bytes longer than its question, nor over 512', () => {
  const labels = fc.oneof(fc.stringMatching(/^[a-z]{0,60}$/), fc.constant('5.2.0.192'), fc.constant('6.2.0.192'))
  const type = fc.constantFrom('A', 'TXT', 'ANY', 'SOA', 'NS', 'MX')
  fc.assert(
    fc.property(labels, type, (before, of) => {
      const bytes = query(before === '' ? 'drac.invalid' : `${before}.drac.invalid`, of)
      const response = answerMessage(table, ZONE, bytes)!
      expect(response.length).toBeLessThanOrEqual(Math.min(512, bytes.length + 75))
    }),
  )
  const zone = parseZone(`${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(22)}`)
  const longest = query(`${'0.'.repeat(32)}${zone.name}`)
  expect(answerMessage(table, zone, longest)!.length + 11).toBeLessThanOrEqual(512)
})

test.each(['', '.', 'a..b', '-a.b', 'a b', 'x'.repeat(64), `${'a.'.repeat(80)}b`, 'é.test'])(
  '%j is no zone',
  (text) => {
    expect(() => parseZone(text)).toThrow(expect.objectContaining({ code: 'DRAC_DNS_ZONE', kind: 'config' }))
  },
)
