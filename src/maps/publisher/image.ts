// What was listed becomes the bytes of a map file. Pure; runs on the worker thread or, for a small map, beside everything else.
import { encodeBtree } from '../../protocols/berkeley-db/btree.ts'
import { fileId } from '../../protocols/berkeley-db/page.ts'
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
 * Authorizations as text, the cheapest thing to hand to another thread: one line each, `ADDRESS TAB EXPIRY`, or only
 * `ADDRESS` in a map whose value is fixed. A tab sorts before anything that an address has, so that lines sort as keys do.
 */
export function lineOf(address: string, expiresAt: number, config: MapConfig): string {
  return hasFixedValue(config) ? `${address}\n` : `${address}\t${expiresAt}\n`
}

/** @param texts whole lines, in any order; no address twice */
export function buildImage(texts: readonly string[], config: MapConfig): Image {
  const nul = config.nul ? '\0' : ''
  // Lines come sorted, and each further spelling is nearly sorted in itself: what sort() finds is a few long runs.
  const keys = spellLines(texts, config).sort()
  const values = hasFixedValue(config) ? config.value + nul : cutValues(keys, nul)
  if (config.nul) for (let i = 0; i < keys.length; i++) keys[i] += nul
  const bytes = encodeBtree(keys, values, config.pageSize === undefined ? {} : { pageSize: config.pageSize })
  return { bytes, id: fileId(bytes), keys: keys.length }
}

/** The lines, one for each spelling. */
function spellLines(texts: readonly string[], { key }: MapConfig): string[] {
  const lines: string[] = []
  const others: string[][] = [[], [], [], [], []]
  for (const text of texts) {
    for (const line of text.split('\n')) {
      if (line === '') continue
      const tab = line.indexOf('\t')
      const rest = tab < 0 ? '' : line.slice(tab)
      const [first, ...more] = spellings(tab < 0 ? line : line.slice(0, tab), key)
      lines.push(first + rest)
      for (let i = 0; i < more.length; i++) others[i]!.push(more[i]! + rest)
    }
  }
  return lines.concat(...others)
}

/** Cuts the values off the lines, which then are keys. */
function cutValues(lines: string[], nul: string): string[] {
  const values = new Array<string>(lines.length)
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!
    const tab = line.indexOf('\t')
    values[i] = line.slice(tab + 1) + nul
    lines[i] = line.slice(0, tab)
  }
  return values
}
