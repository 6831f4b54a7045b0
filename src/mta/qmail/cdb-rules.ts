// The rules that tcpserver reads: a cdb of address -> instructions, tcprules(1).
import { CdbReader } from '../../protocols/cdb/cdb-reader.ts'

export interface TcpRule {
  /** `192.0.2.5`, `127.`, empty for everybody else. */
  readonly address: string
  readonly deny: boolean
  /** `RELAYCLIENT=`. */
  readonly variables: readonly string[]
}

/** In the order of the file. Throws `malformed`. */
export const parseTcpRules = (bytes: Buffer): TcpRule[] =>
  [...new CdbReader(bytes).entries()].map(([address, data]) => ({
    address,
    deny: data.startsWith('D'),
    variables: [...data.matchAll(/\+([^\0]*)\0/g)].map((found) => found[1]!),
  }))
