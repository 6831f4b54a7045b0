// What was listed becomes the bytes of a map file. Pure; runs on the worker thread or, for a small map, beside everything else.
import { hash } from 'node:crypto'
import { newPairs, type PackedPairs } from '../../protocols/berkeley-db/packed-pairs.ts'
import { ByteWriter } from './byte-writer.ts'
import { formatOf, hasFixedValue } from './formats.ts'
import { checkMapConfig, type MapConfig } from './map-config.ts'
import { MAX_SPELLINGS } from './map-format.ts'

/** The bytes of a map file. */
export interface Image {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Two images with the same id are the same. */
  readonly id: string
  /** Keys in it: one for an IPv4 client, up to six for an IPv6 client. */
  readonly keys: number
}

/**
 * Authorizations as text, the cheapest thing to gather and to hand to another thread: `ADDRESS NUL EXPIRY NUL`, or only
 * `ADDRESS NUL` for a map whose value is fixed. The NULs are also those that the option `nul` takes into the file.
 */
export function recordOf(client: string, expiresAt: number, config: MapConfig): string {
  return hasFixedValue(config) ? `${client}\0` : `${client}\0${expiresAt}\0`
}

/** Gathers records and makes one image of them. */
export class ImageDraft {
  readonly #config: MapConfig
  /** The records with every client under all its spellings: first all under the first, as they came, and so on. */
  readonly #bySpelling = Array.from({ length: MAX_SPELLINGS }, () => new ByteWriter())

  constructor(config: MapConfig) {
    this.#config = config
  }

  /** @param text whole records, best in the store's order, which is also that of a btree; no client twice */
  add(text: string): void {
    // Most maps are IPv4 addresses under their only spelling: nothing to do.
    if (this.#config.key !== 'cidr' && !/[:/]/.test(text)) this.#bySpelling[0]!.add(text)
    else this.#addSpelled(text)
  }

  /** Ends the draft. Throws `malformed` when a btree was given a client twice. */
  finish(): Image {
    const config = this.#config
    const format = formatOf(config)
    const fixed = format.fixedValue(config)
    const records = this.#bySpelling.splice(0).flatMap((writer) => writer.pieces())
    const length = records.reduce((sum, piece) => sum + piece.length, 0)
    const bytes = Buffer.concat([...records, Buffer.from(`${fixed ?? ''}\0`, 'latin1')])
    const nul = config.nul ? 1 : 0
    const pairs = fixed === undefined ? pairsOf(bytes, length, nul) : pairsOfOne(bytes, length, nul)
    const file = format.encode(pairs, config)
    return { bytes: file, id: hash('sha256', file), keys: pairs.count }
  }

  #addSpelled(text: string): void {
    const format = formatOf(this.#config)
    const fields = text.split('\0')
    const step = hasFixedValue(this.#config) ? 1 : 2
    for (let at = 0; at + step < fields.length; at += step) {
      const rest = step === 1 ? '\0' : `\0${fields[at + 1]}\0`
      const keys = format.keysOf(fields[at]!, this.#config)
      for (let i = 0; i < keys.length; i++) this.#bySpelling[i]!.add(keys[i]! + rest)
    }
  }
}

export function buildImage(texts: readonly string[], config: MapConfig): Image {
  const draft = new ImageDraft(config)
  for (const text of texts) draft.add(text)
  return draft.finish()
}

/** The map that permits nobody. Throws `config` for settings that do not go together. */
export function emptyMap(config: MapConfig): Uint8Array<ArrayBuffer> {
  checkMapConfig(config)
  return buildImage([], config).bytes
}

function countNul(bytes: Uint8Array, length: number): number {
  let count = 0
  for (let at = 0; at < length; at++) if (bytes[at] === 0) count++
  return count
}

/** @param bytes records of key and value in the first `length` bytes @param nul 1 when theirs belong to the file */
function pairsOf(bytes: Uint8Array, length: number, nul: number): PackedPairs {
  const pairs = newPairs(bytes, countNul(bytes, length) / 2)
  let at = 0
  for (let i = 0; i < pairs.count; i++) {
    pairs.keyAt[i] = at
    while (bytes[at] !== 0) at++
    pairs.keyLength[i] = at - pairs.keyAt[i]! + nul
    pairs.valueAt[i] = ++at
    while (bytes[at] !== 0) at++
    pairs.valueLength[i] = at - pairs.valueAt[i]! + nul
    at++
  }
  return pairs
}

/** @param bytes records of a key in the first `length` bytes, then the one value and a NUL */
function pairsOfOne(bytes: Uint8Array, length: number, nul: number): PackedPairs {
  const pairs = newPairs(bytes, countNul(bytes, length))
  let at = 0
  for (let i = 0; i < pairs.count; i++) {
    pairs.keyAt[i] = at
    while (bytes[at] !== 0) at++
    pairs.keyLength[i] = at - pairs.keyAt[i]! + nul
    at++
  }
  pairs.valueAt.fill(length)
  pairs.valueLength.fill(bytes.length - length - 1 + nul)
  return pairs
}
