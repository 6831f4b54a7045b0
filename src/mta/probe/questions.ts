// A question for each of dracd's listeners that authorizes nobody and is answered at once.

import { encodeNotification } from '../../protocols/cyrus/notification.ts'
import { DRACPROG } from '../../protocols/drac/add.ts'
import { decodeReply as decodeRpc, encodeCall } from '../../protocols/oncrpc/message.ts'
import { encodeRecord } from '../../protocols/oncrpc/record-marking.ts'
import { encodeRequest as policyRequest } from '../../protocols/postfix-policy/postfix-policy.ts'
import { encodeRequest as readsocketRequest } from '../../protocols/readsocket/readsocket.ts'
import { encodeRequest as socketmapRequest } from '../../protocols/socketmap/socketmap.ts'
import { encodeRequest as tcpTableRequest } from '../../protocols/tcp-table/tcp-table.ts'
import { encodeRequest as whosonRequest } from '../../protocols/whoson/whoson.ts'
import type { Question } from './stream.ts'

/** A host name: Postfix asks for such too, and nobody is permitted by one. */
const KEY = 'drac-check.invalid'
const NULLPROC = 0

/** Answers by text: right, wrong, or undefined while it may still become right. */
const text = (bytes: Uint8Array, whole: RegExp): Question => ({
  bytes,
  accept: (received) =>
    received.includes(0x0a) || received.includes(0x2c) ? whole.test(received.toString('latin1')) : undefined,
})

/** By the name of the settings table. @param zone of the DNS list */
export function questionFor(name: string, transport: 'udp' | 'tcp' | 'unix', zone: string): Question | undefined {
  switch (name) {
    case 'socketmap':
      return text(socketmapRequest({ map: 'drac', key: KEY }), /^\d+:NOTFOUND /)
    case 'tcp_table':
      return text(tcpTableRequest({ command: 'get', key: KEY }), /^500 /)
    case 'policy':
      return text(
        policyRequest(
          new Map([
            ['request', 'smtpd_access_policy'],
            ['protocol_state', 'RCPT'],
            ['client_address', ''],
          ]),
        ),
        /^action=DUNNO/i,
      )
    case 'readsocket':
      return text(readsocketRequest({ command: 'check', key: KEY }), /^no\n/)
    case 'whoson':
      return text(whosonRequest({ verb: 'QUERY', key: KEY }), /^[-*]/)
    case 'cyrus':
      return text(encodeNotification({ method: 'drac-check', class: 'CHECK', message: Buffer.alloc(0) }), /^OK /)
    case 'report':
    case 'http': // no token: a 401, over a unix socket a 404
      return text(Buffer.from('GET / HTTP/1.0\r\n\r\n'), /^HTTP\/1\.[01] (200|401|404) /)
    case 'drac_rpc':
      return rpcNull(transport)
    case 'dns_list':
      return dns(zone, transport)
    default:
      return undefined
  }
}

/** Procedure 0 does nothing, RFC 5531 section 12.1. */
function rpcNull(transport: string): Question {
  const call = encodeCall({ xid: 0x64726163, prog: DRACPROG, vers: 1, proc: NULLPROC })
  const isReply = (bytes: Uint8Array): boolean => {
    try {
      return decodeRpc(bytes).xid === 0x64726163
    } catch {
      return false
    }
  }
  if (transport === 'udp') return { bytes: call, accept: isReply }
  return {
    bytes: encodeRecord(call),
    accept: (received) => (received.length < 28 ? undefined : isReply(received.subarray(4))),
  }
}

/** A for the zone itself: any response with our id, RFC 1035 section 4.1. */
function dns(zone: string, transport: string): Question {
  const name = Buffer.concat([
    ...zone.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.from([0]),
  ])
  const query = Buffer.concat([
    Buffer.from([0x64, 0x72, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
    name,
    Buffer.from([0, 1, 0, 1]),
  ])
  const isResponse = (bytes: Buffer): boolean =>
    bytes.length >= 12 && bytes.readUInt16BE(0) === 0x6472 && (bytes[2]! & 0x80) !== 0 && (bytes[3]! & 15) !== 2
  if (transport === 'udp') return { bytes: query, accept: isResponse }
  const length = Buffer.from([query.length >> 8, query.length & 255])
  return {
    bytes: Buffer.concat([length, query]),
    accept: (received) => (received.length < 14 ? undefined : isResponse(received.subarray(2))),
  }
}
