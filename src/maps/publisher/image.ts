// What was listed becomes the bytes of a map file. Pure; runs on the worker thread or, for a small map, beside everything else.
import { encodeBtree } from '../../protocols/berkeley-db/btree.ts'
import { newPairs, type PackedPairs, sortPairs } from '../../protocols/berkeley-db/packed-pairs.ts'
import { fileId } from '../../protocols/berkeley-db/page.ts'
import { ByteWriter } from './byte-writer.ts'
import { spellings } from './keys.ts'
import { hasFixedValue, type MapConfig } from './map-config.ts'

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
export function recordOf(address: string, expiresAt: number, config: MapConfig): string {
  return hasFixedValue(config) ? `${address}\0` : `${address}\0${expiresAt}\0`
}

/** Gathers records and makes one image of them. */
export class ImageDraft {
  readonly #config: MapConfig
  /** The records with every address under all its spellings: first all under the first, as they came, and so on. */
  readonly #bySpelling = Array.from({ length: 6 }, () => new ByteWriter())

  constructor(config: MapConfig) {
    this.#config = config
  }

  /** @param text whole records, best in the store's order, which is also that of the file; no address twice */
  add(text: string): void {
    // Most maps are IPv4 under its only spelling: nothing to do.
    if (this.#config.key === 'address' && !text.includes(':')) this.#bySpelling[0]!.add(text)
    else this.#addSpelled(text)
  }

  /** Ends the draft. Throws `malformed` when an address came twice. */
  finish(): Image {
    const config = this.#config
    this.#bySpelling.at(-1)!.add(`${config.value}\0`)
    const bytes = Buffer.concat(this.#bySpelling.splice(0).flatMap((writer) => writer.pieces()))
    const pairs = sortPairs(hasFixedValue(config) ? pairsOfOne(bytes, config) : pairsOf(bytes, config))
    const file = encodeBtree(pairs, config.pageSize === undefined ? {} : { pageSize: config.pageSize })
    return { bytes: file, id: fileId(file), keys: pairs.count }
  }

  #addSpelled(text: string): void {
    const fields = text.split('\0')
    const step = hasFixedValue(this.#config) ? 1 : 2
    for (let at = 0; at + step < fields.length; at += step) {
      const rest = step === 1 ? '\0' : `\0${fields[at + 1]}\0`
      const keys = spellings(fields[at]!, this.#config.key)
      for (let i = 0; i < keys.length; i++) this.#bySpelling[i]!.add(keys[i]! + rest)
    }
  }
}

export function buildImage(texts: readonly string[], config: MapConfig): Image {
  const draft = new ImageDraft(config)
  for (const text of texts) draft.add(text)
  return draft.finish()
}

function countNul(bytes: Uint8Array): number {
  let count = 0
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === 0) count++
  return count
}

/** @param bytes records of key and value, and then the value of the settings, which is of no use here */
function pairsOf(bytes: Uint8Array, config: MapConfig): PackedPairs {
  const pairs = newPairs(bytes, (countNul(bytes) - 1) / 2)
  const nul = config.nul ? 1 : 0
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

/** @param bytes records of a key, and then the one value */
function pairsOfOne(bytes: Uint8Array, config: MapConfig): PackedPairs {
  const pairs = newPairs(bytes, countNul(bytes) - 1)
  const nul = config.nul ? 1 : 0
  let at = 0
  for (let i = 0; i < pairs.count; i++) {
    pairs.keyAt[i] = at
    while (bytes[at] !== 0) at++
    pairs.keyLength[i] = at - pairs.keyAt[i]! + nul
    at++
  }
  pairs.valueAt.fill(at)
  pairs.valueLength.fill(config.value.length + nul)
  return pairs
}
