// A cdb as tcprules(1) of ucspi-tcp makes it, for tcpserver -x in front of qmail-smtpd.
import { newPairs, type PackedPairs } from '../../../protocols/berkeley-db/packed-pairs.ts'
import { encodeCdb } from '../../../protocols/cdb/cdb.ts'
import { CdbReader } from '../../../protocols/cdb/cdb-reader.ts'
import { tcpserverSpellings } from '../keys.ts'
import { type MapFormat, refuseSetting } from '../map-format.ts'

/** `ADDRESS:allow,RELAYCLIENT=""`: for each variable "+", what is put into the environment, NUL. */
const RELAY = '+RELAYCLIENT=\0'

export const tcprules: MapFormat = {
  check(config) {
    if (config.key !== 'address') refuseSetting(config, 'tcpserver asks for addresses; leave key out')
    if (config.value !== 'expiry') refuseSetting(config, 'sets RELAYCLIENT="" and nothing else; leave value out')
    if (config.nul) refuseSetting(config, 'has no use for nul; leave it out')
  },
  fixedValue: () => RELAY,
  holdsNetworks: () => false,
  keysOf: tcpserverSpellings,
  encode: (pairs) => encodeCdb(withDefault(pairs)),
  *entries(bytes) {
    for (const entry of new CdbReader(bytes).entries()) if (entry[0] !== '') yield entry
  },
}

/**
 * And everybody else is allowed, without RELAYCLIENT: the record with the empty key and no data. tcpserver drops every
 * connection for which it finds no record at all.
 */
function withDefault(pairs: PackedPairs): PackedPairs {
  const all = newPairs(pairs.bytes, pairs.count + 1)
  for (const field of ['keyAt', 'keyLength', 'valueAt', 'valueLength'] as const) all[field].set(pairs[field])
  return all
}
