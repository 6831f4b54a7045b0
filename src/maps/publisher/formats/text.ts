// Lines of text. What reads them decides the setting `key`:
//
//   address  192.0.2.5<TAB>OK                   Postfix texthash:, the source of postmap and makemap, an access map;
//                                               with value = "" one address a line: OpenSMTPD file:
//   cidr     192.0.2.5/32<TAB>OK                Postfix cidr:, networks too
//   exim     192.0.2.5: OK                      Exim lsearch, net-lsearch and iplsearch, networks too;
//            "2001:db8::5": OK                  a colon would end the key, hence the quotes
//            2001.0db8. ... .0005: OK           as net-lsearch asks
//
// The file is not a database: its readers hold it, or read all of it for each look-up.
import type { PackedPairs } from '../../../protocols/berkeley-db/packed-pairs.ts'
import { dotted, textSpellings, withWidth } from '../keys.ts'
import type { MapConfig } from '../map-config.ts'
import { type MapFormat, refuseSetting, valueOfSettings } from '../map-format.ts'

const HEADER = '# Kept by dracd; what is changed here is lost.\n'

export const text: MapFormat = {
  check(config) {
    if (config.nul) refuseSetting(config, 'has no use for nul; leave it out')
    if (/^\s|\s$/.test(config.value)) refuseSetting(config, 'readers drop spaces around a value; leave them out')
  },
  fixedValue: valueOfSettings,
  holdsNetworks: ({ key }) => key !== 'address',
  keysOf: (client, { key }) => KEYS[key](client),
  encode: encodeLines,
  entries: readLines,
}

const KEYS = {
  address: (client: string): string[] => textSpellings(client),
  cidr: (client: string): string[] => [withWidth(client)],
  exim: (client: string): string[] => (client.includes(':') ? [`"${client}"`, dotted(client)] : [client]),
} as const

const separatorOf = ({ key, value }: MapConfig): string => {
  if (value === '') return ''
  return key === 'exim' ? ': ' : '\t'
}

function encodeLines(pairs: PackedPairs, config: MapConfig): Buffer<ArrayBuffer> {
  const { bytes, count, keyAt, keyLength, valueAt, valueLength } = pairs
  const separator = Buffer.from(separatorOf(config), 'latin1')
  const file = Buffer.alloc(sizeOf(pairs, HEADER.length, separator.length + 1))
  let at = file.write(HEADER, 'latin1')
  for (let i = 0; i < count; i++) {
    at = copy(bytes, keyAt[i]!, keyLength[i]!, file, at)
    at = copy(separator, 0, separator.length, file, at)
    at = copy(bytes, valueAt[i]!, valueLength[i]!, file, at)
    file[at++] = NEWLINE
  }
  return file
}

const NEWLINE = 0x0a

function sizeOf({ count, keyLength, valueLength }: PackedPairs, header: number, perLine: number): number {
  let size = header + perLine * count
  for (let i = 0; i < count; i++) size += keyLength[i]! + valueLength[i]!
  return size
}

/** Returns where it ends. */
function copy(from: Uint8Array, start: number, length: number, to: Uint8Array, at: number): number {
  for (let i = 0; i < length; i++) to[at + i] = from[start + i]!
  return at + length
}

/** Keys as they stand there, quotes included. */
function* readLines(bytes: Uint8Array, config: MapConfig): Generator<readonly [key: string, value: string]> {
  const separator = separatorOf(config)
  for (const line of Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1').split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const end = separator === '' ? -1 : line.indexOf(separator)
    yield end < 0 ? [line, ''] : [line.slice(0, end), line.slice(end + separator.length)]
  }
}
