import fc from 'fast-check'
import { expect, test } from 'vitest'
import { configError, malformed, tempfail } from '../../lib/errors.ts'
import { AddCall, answerAdd, answerCall, answerFailure, answerStranger } from './answer.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex')
const shown = (answer: ReturnType<typeof answerCall>): string | undefined =>
  answer instanceof AddCall ? `add ${answer.client}` : answer?.toString('hex').replaceAll(/(.{8})(?=.)/g, '$1 ')

// Made by libtirpc 1.3.3 and rpcgen's drac_xdr.o on amd64.
const ADD4 = hex(`11223344 00000000 00000002 000dbc05 00000001 00000001 00000000 00000000 00000000 00000000 c0000219`)
const ADD6 = hex(`11223344 00000000 00000002 000dbc05 00000002 00000001 00000000 00000000 00000000 00000000
  00000020 00000001 0000000d ffffffb8 ${'00000000'.repeat(10)} ffffffff fffffffe`)

/** ADD4 with words replaced, by their number. */
function edited(words: Readonly<Record<number, number>>, call = ADD4): Buffer {
  const bytes = Buffer.from(call)
  for (const [at, word] of Object.entries(words)) bytes.writeUInt32BE(word, Number(at) * 4)
  return bytes
}
const withCred = (cred: string): Buffer => Buffer.concat([ADD4.subarray(0, 24), hex(cred), ADD4.subarray(32)])
const AUTH_SYS = '00000001 00000018 00000000 00000003 706f7000 00000000 00000000 00000000'

test.each([
  ['version 1 add', ADD4, 'add 192.0.2.25'],
  ['version 2 add, signed char', ADD6, 'add 2001:db8::fffe'],
  ['version 2 add, unsigned char', edited({ 13: 0xb8, 24: 0xff, 25: 0xfe }, ADD6), 'add 2001:db8::fffe'],
  ['AUTH_SYS', withCred(AUTH_SYS), 'add 192.0.2.25'],
  ['null, version 1', edited({ 5: 0 }).subarray(0, 40), '11223344 00000001 00000000 00000000 00000000 00000000'],
  ['null, version 2', edited({ 4: 2, 5: 0 }).subarray(0, 40), '11223344 00000001 00000000 00000000 00000000 00000000'],
  ['null with an argument', edited({ 5: 0 }), '11223344 00000001 00000000 00000000 00000000 00000004'],
  ['rpcvers 3', edited({ 2: 3 }), '11223344 00000001 00000001 00000000 00000002 00000002'],
  ['AUTH_SYS of nonsense', withCred('00000001 00000004 ffffffff'), '11223344 00000001 00000001 00000001 00000001'],
  [
    'AUTH_SYS with bytes left over',
    withCred(`00000001 0000001c ${AUTH_SYS.slice(18)} 00000000`),
    '11223344 00000001 00000001 00000001 00000001',
  ],
  ['AUTH_SHORT', withCred('00000002 00000000'), '11223344 00000001 00000001 00000001 00000002'],
  ['AUTH_TLS', withCred('00000007 00000000'), '11223344 00000001 00000001 00000001 00000002'],
  ['another program', edited({ 3: 100003 }), '11223344 00000001 00000000 00000000 00000000 00000001'],
  ['version 3', edited({ 4: 3 }), '11223344 00000001 00000000 00000000 00000000 00000002 00000001 00000002'],
  ['version 0', edited({ 4: 0 }), '11223344 00000001 00000000 00000000 00000000 00000002 00000001 00000002'],
  ['another procedure', edited({ 5: 2 }), '11223344 00000001 00000000 00000000 00000000 00000003'],
  [
    'no argument, which rpc.dracd stored',
    ADD4.subarray(0, 40),
    '11223344 00000001 00000000 00000000 00000000 00000004',
  ],
  ['part of an argument', ADD4.subarray(0, 42), '11223344 00000001 00000000 00000000 00000000 00000004'],
  [
    'an argument too many',
    Buffer.concat([ADD4, hex('00000000')]),
    '11223344 00000001 00000000 00000000 00000000 00000004',
  ],
  ['15 octets of IPv6', ADD6.subarray(0, 100), '11223344 00000001 00000000 00000000 00000000 00000004'],
  ['a version 1 argument in version 2', edited({ 4: 2 }), '11223344 00000001 00000000 00000000 00000000 00000004'],
  ['a reply', edited({ 1: 1 }), undefined],
  ['an empty datagram', Buffer.alloc(0), undefined],
  ['a credential over 400 bytes', edited({ 7: 404 }), undefined],
  ['a verifier that is not there', edited({ 9: 8 }), undefined],
])('%s', (_, bytes, answer) => {
  expect(shown(answerCall(bytes))).toBe(answer)
})

test('a header cut short anywhere has no answer; an argument cut short is GARBAGE_ARGS', () => {
  for (let n = 0; n < 40; n++) expect(answerCall(ADD4.subarray(0, n))).toBeUndefined()
  for (let n = 40; n < 104; n++) expect(shown(answerCall(ADD6.subarray(0, n)))).toMatch(/ 00000004$/)
})

test.each([
  ['added', { status: 'added' }, 0],
  ['renewed', { status: 'renewed' }, 0],
  ['an exempt network: no error for a POP server to log', { status: 'ignored', reason: 'exempt' }, 0],
  ['an address that is never a client', { status: 'ignored', reason: 'impossible' }, 0],
  ['untrusted', { status: 'refused', reason: 'untrusted-reporter' }, 1],
  ['through a portmapper that forwards', { status: 'refused', reason: 'forwarding-portmapper' }, 1],
  ['no room', { status: 'refused', reason: 'table-full' }, 2],
])('%s', (_, result, stat) => {
  expect(shown(answerAdd(7, result as never))).toBe(
    `00000007 00000001 00000000 00000000 00000000 00000000 0000000${stat}`,
  )
})

test.each([
  ['store trouble', tempfail('DRAC_STORE_DOWN', 'no'), '00000000 00000002'],
  ['a fault of ours', new TypeError('no'), '00000000 00000002'],
  ['settings', configError('X', 'no'), '00000000 00000002'],
  ['arguments', malformed('X', 'no'), '00000004'],
])('%s', (_, error, end) => {
  expect(shown(answerFailure(7, error))).toBe(`00000007 00000001 00000000 00000000 00000000 ${end}`)
})

test('strangers learn nothing but what becomes of a whole add', () => {
  expect(shown(answerStranger(ADD4))).toBe('add 192.0.2.25')
  expect(shown(answerStranger(ADD6))).toBe('add 2001:db8::fffe')
  for (const bytes of [
    edited({ 2: 3 }),
    edited({ 3: 100000 }),
    edited({ 4: 3 }),
    edited({ 5: 0 }).subarray(0, 40),
    edited({ 5: 2 }),
    ADD4.subarray(0, 40),
    ADD4.subarray(0, 10),
    withCred('00000002 00000000'),
  ])
    expect(answerStranger(bytes)).toBeUndefined()
})

test('property: mutated calls are answered as the RFC says or not at all, never with much more than was sent', () => {
  const mutated = fc
    .tuple(fc.constantFrom(ADD4, ADD6), fc.array(fc.tuple(fc.nat(103), fc.nat(255)), { maxLength: 4 }), fc.nat(120))
    .map(([call, edits, length]) => {
      const bytes = Buffer.from(call)
      for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value
      return bytes.subarray(0, length)
    })
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      const answer = answerCall(bytes)
      if (answer === undefined || answer instanceof AddCall) return
      expect(answer.length).toBeLessThanOrEqual(32)
      expect(answer.length).toBeLessThanOrEqual(bytes.length)
      expect(answer.readUInt32BE(0)).toBe(Buffer.from(bytes).readUInt32BE(0))
    }),
    { numRuns: 20_000 },
  )
})
