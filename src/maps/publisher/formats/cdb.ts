// D. J. Bernstein's cdb. Exim, Postfix. Neither expects NULs in it.
import { encodeCdb } from '../../../protocols/cdb/cdb.ts'
import { CdbReader } from '../../../protocols/cdb/cdb-reader.ts'
import { spellings } from '../keys.ts'
import { type MapFormat, valueOfSettings } from '../map-format.ts'

export const cdb: MapFormat = {
  check: () => {},
  fixedValue: valueOfSettings,
  holdsNetworks: ({ key }) => key === 'exim',
  keysOf: (client, { key }) => spellings(client, key),
  encode: encodeCdb,
  entries: (bytes) => new CdbReader(bytes).entries(),
}
