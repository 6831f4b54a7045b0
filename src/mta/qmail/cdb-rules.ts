// The rules that tcpserver reads: a cdb (https://cr.yp.to/cdb/cdb.txt) of address -> instructions (tcprules(1)).
import { malformed } from '../../lib/errors.ts'

export interface TcpRule {
  /** `192.0.2.5`, `127.`, empty for everybody else. */
  readonly address: string
  readonly deny: boolean
  /** `RELAYCLIENT=`. */
  readonly variables: readonly string[]
}

const TABLES_BYTES = 2048

/** In the order of the file. Throws `malformed`. */
export function parseTcpRules(bytes: Buffer): TcpRule[] {
  if (bytes.length < TABLES_BYTES) throw malformed('DRAC_CDB', `${bytes.length} bytes are no cdb`)
  const end = Math.min(...Array.from({ length: 256 }, (_, i) => bytes.readUInt32LE(i * 8)))
  const rules: TcpRule[] = []
  for (let at = TABLES_BYTES; at < end; ) {
    if (at + 8 > bytes.length) throw malformed('DRAC_CDB', 'a record is cut off')
    const [key, data] = [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)]
    if (at + 8 + key + data > bytes.length) throw malformed('DRAC_CDB', 'a record is cut off')
    const text = bytes.toString('latin1', at + 8 + key, at + 8 + key + data)
    const variables = [...text.matchAll(/\+([^\0]*)\0/g)].map((found) => found[1]!)
    rules.push({ address: bytes.toString('latin1', at + 8, at + 8 + key), deny: text.startsWith('D'), variables })
    at += 8 + key + data
  }
  return rules
}
