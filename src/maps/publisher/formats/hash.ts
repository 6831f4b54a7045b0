// Berkeley DB hash: what an rpc.dracd built with REQ_HASH kept. OpenSMTPD (db:), Postfix, sendmail, Exim (dbm).
import { encodeHash } from '../../../protocols/berkeley-db/hash.ts'
import { HashReader } from '../../../protocols/berkeley-db/hash-reader.ts'
import { spellings } from '../keys.ts'
import { type MapFormat, valueOfSettings } from '../map-format.ts'

export const hash: MapFormat = {
  check: () => {},
  fixedValue: valueOfSettings,
  holdsNetworks: ({ key }) => key === 'exim',
  keysOf: (client, { key }) => spellings(client, key),
  encode: (pairs, { pageSize }) => encodeHash(pairs, pageSize === undefined ? {} : { pageSize }),
  entries: (bytes) => new HashReader(bytes).entries(),
}
