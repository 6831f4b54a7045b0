// Requests with the answers they must have, for every look-up protocol: half of them for entries, half for nobody.
import dnsPacket from 'dns-packet'
import { frame } from '../../src/protocols/dns-list/message-reader.ts'

export const ENTRIES = 1_000
export const UNTIL = 4_000_000_000

/** Public addresses; those from ENTRIES on are never added. */
export const entry = (number: number): string => `32.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`

export interface Pair {
  readonly request: Buffer
  readonly answer: Buffer
}

const text = (value: string): Buffer => Buffer.from(value, 'latin1')
const dns = (address: string, hit: boolean): Pair => {
  const name = `${address.split('.').reverse().join('.')}.drac.invalid`
  const request = dnsPacket.encode({ id: 7, type: 'query', questions: [{ name, type: 'A', class: 'IN' }] })
  const answer = Buffer.concat([request, Buffer.from(hit ? LISTED : NOTHING, 'hex')])
  answer.writeUInt16BE(hit ? 0x8400 : 0x8403, 2)
  answer.writeUInt16BE(1, hit ? 6 : 8)
  return { request, answer }
}
const LISTED = 'c00c000100010000000000047f000002'
const NAMES = '046472616307696e76616c696400066e6f626f647907696e76616c696400'
/** Owned by the zone, whose offset in the question depends on the address: written in `pairsOf`. */
const NOTHING = `0000000600010000000000 32${NAMES}0000000100000e10000004b000093a8000000000`.replace(' ', '')

type Make = (address: string, hit: boolean) => Pair
const dnsWhole: Make = (address, hit) => {
  const pair = dns(address, hit)
  if (!hit) pair.answer.writeUInt16BE(0xc000 | (12 + address.length + 1), pair.request.length)
  return pair
}

const MAKE: Readonly<Record<string, Make>> = {
  socketmap: (address, hit) => ({
    request: text(`${5 + address.length}:drac ${address},`),
    answer: text(hit ? '5:OK OK,' : '9:NOTFOUND ,'),
  }),
  tcp_table: (address, hit) => ({
    request: text(`get ${address}\n`),
    answer: text(hit ? '200 OK\n' : '500 not found\n'),
  }),
  policy: (address, hit) => ({
    request: text(POLICY.replace('ADDRESS', address)),
    answer: text(`action=${hit ? 'OK' : 'DUNNO'}\n\n`),
  }),
  readsocket: (address, hit) => ({ request: text(`check ${address}\n`), answer: text(hit ? 'yes\n' : 'no\n') }),
  'dns_list udp': dnsWhole,
  'dns_list tcp': (address, hit) => {
    const { request, answer } = dnsWhole(address, hit)
    return { request: frame(request), answer: frame(answer) }
  },
  'whoson udp': (address, hit) => ({
    request: text(`QUERY ${address}\r\n\r\n`),
    answer: text(hit ? '+drac\r\n\r\n' : '-Not Logged in\r\n\r\n'),
  }),
}

/** As Postfix 3.7 sends it. */
const POLICY = `request=smtpd_access_policy
protocol_state=RCPT
protocol_name=ESMTP
client_address=ADDRESS
client_name=unknown
client_port=56445
reverse_client_name=unknown
server_address=192.0.2.7
server_port=25
helo_name=c5.test
sender=a@example.org
recipient=x@example.com
recipient_count=0
queue_id=
instance=3845.6b032b63.e74c3.0
size=0
etrn_domain=
stress=
sasl_method=
sasl_username=
sasl_sender=
ccert_subject=
ccert_issuer=
ccert_fingerprint=
ccert_pubkey_fingerprint=
encryption_protocol=
encryption_cipher=
encryption_keysize=0
policy_context=

`

export const pairsOf = (protocol: string): Pair[] =>
  Array.from({ length: 2 * ENTRIES }, (_, number) => MAKE[protocol]!(entry(number), number < ENTRIES))

/** What an echo server must answer. */
export const echoed = (pairs: readonly Pair[]): Pair[] => pairs.map(({ request }) => ({ request, answer: request }))

/** As load-pairs.c reads them. */
export function pairsFile(pairs: readonly Pair[]): Buffer {
  const length = (bytes: Buffer): Buffer => {
    const four = Buffer.alloc(4)
    four.writeUInt32BE(bytes.length)
    return four
  }
  return Buffer.concat(pairs.flatMap(({ request, answer }) => [length(request), request, length(answer), answer]))
}
