// ONC RPC replies (RFC 5531 section 9), right and wrong, by name: what the fake server answers with.

const words = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, i) => {
    bytes.writeUInt32BE(value >>> 0, i * 4)
  })
  return bytes
}
const accepted = (...rest: readonly number[]) => words(1, 0, 0, 0, ...rest)
const denied = (...rest: readonly number[]) => words(1, 1, ...rest)

/** What follows the transaction id. */
export const BODIES = {
  success: accepted(0, 0),
  perm: accepted(0, 1),
  syserr: accepted(0, 2),
  unkown: accepted(0, 3),
  'addstat-77': accepted(0, 77),
  'verifier-400': Buffer.concat([words(1, 0, 1, 400), Buffer.alloc(400), words(0, 0)]),
  'trailing-bytes': accepted(0, 0, 1, 2, 3),
  'program-unavailable': accepted(1),
  'version-mismatch': accepted(2, 3, 4),
  'procedure-unavailable': accepted(3),
  'garbage-arguments': accepted(4),
  'system-error': accepted(5),
  'accept-9': accepted(9),
  'rpc-mismatch': denied(0, 3, 5),
  'auth-badcred': denied(1, 1),
  'auth-tooweak': denied(1, 5),
  'auth-99': denied(1, 99),
  'reject-7': denied(7),
  'reply-5': words(1, 5, 0),
  'a-call': words(0, 2, 900101, 1, 1, 0, 0, 0, 0),
  'verifier-401': Buffer.concat([words(1, 0, 1, 401), Buffer.alloc(404), words(0, 0)]),
  'verifier-huge': words(1, 0, 1, 0xffffffff, 0, 0),
  'xid-alone': Buffer.alloc(0),
  'no-result': accepted(0),
  'half-result': accepted(0, 0).subarray(0, 22),
  junk: Buffer.from('\xff\xfe not an RPC reply at all \x00\x01', 'latin1'),
} as const satisfies Record<string, Buffer>
export type BodyName = keyof typeof BODIES

/** A string as XDR has it (RFC 4506 section 4.11). */
function xdrString(text: string): Buffer {
  const bytes = Buffer.alloc((text.length + 3) & ~3)
  bytes.write(text, 'latin1')
  return Buffer.concat([words(text.length), bytes])
}

export type Reply = (bytes: Buffer, afterMs?: number) => void

/** Answers the `count`th datagram. Behaviours beside the bodies above. */
export function behave(behaviour: string, request: Buffer, count: number, reply: Reply): void {
  const [name, argument] = behaviour.split('/') as [string, string | undefined]
  const answer = (body: Buffer, afterMs = 0) => reply(Buffer.concat([request.subarray(0, 4), body]), afterMs)
  const otherXid = Buffer.from(request.subarray(0, 4).map((octet) => octet ^ 0x5a))
  if (name in BODIES) {
    answer(BODIES[name as BodyName])
    return
  }
  switch (name) {
    case 'silent':
      break
    case 'first-lost':
      if (count > 1) answer(BODIES.success)
      break
    case 'slow':
      answer(BODIES.success, Number(argument))
      break
    case 'twice':
      answer(BODIES.success)
      answer(BODIES.perm)
      break
    case 'wrong-xid':
      reply(Buffer.concat([otherXid, BODIES.perm]))
      break
    case 'wrong-xid-then-right':
      for (let i = 0; i < 50; i++) reply(Buffer.concat([otherXid, BODIES.perm]))
      reply(Buffer.alloc(0))
      reply(Buffer.alloc(3))
      answer(BODIES.success)
      break
    case 'port': // a portmapper's GETPORT, and an old portmapper's answer to version 4
      answer(request.readUInt32BE(16) === 2 ? accepted(0, Number(argument)) : accepted(2, 2, 2))
      break
    case 'uaddr': // GETADDR; to GETPORT, that nothing is registered
      answer(request.readUInt32BE(16) === 4 ? Buffer.concat([accepted(0), xdrString(argument ?? '')]) : accepted(0, 0))
      break
    default:
      throw new Error(`no behaviour ${behaviour}`)
  }
}
