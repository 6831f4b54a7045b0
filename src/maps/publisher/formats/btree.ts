// Berkeley DB btree: what rpc.dracd kept. sendmail, Postfix, Exim (dbm, dbmnz).
import { encodeBtree } from '../../../protocols/berkeley-db/btree.ts'
import { BtreeReader } from '../../../protocols/berkeley-db/btree-reader.ts'
import { sortPairs } from '../../../protocols/berkeley-db/packed-pairs.ts'
import { spellings } from '../keys.ts'
import { type MapFormat, valueOfSettings } from '../map-format.ts'

export const btree: MapFormat = {
  check: () => {},
  fixedValue: valueOfSettings,
  holdsNetworks: ({ key }) => key === 'exim',
  keysOf: (client, { key }) => spellings(client, key),
  encode: (pairs, { pageSize }) => encodeBtree(sortPairs(pairs), pageSize === undefined ? {} : { pageSize }),
  entries: (bytes) => new BtreeReader(bytes).entries(),
}
