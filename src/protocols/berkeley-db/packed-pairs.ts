// Keys and values as places in one array of bytes: a million pairs without a million objects.

/** The pairs in order; `keyAt` and `valueAt` are offsets in `bytes`. */
export interface PackedPairs {
  readonly bytes: Uint8Array
  readonly count: number
  readonly keyAt: Uint32Array
  readonly keyLength: Uint16Array
  readonly valueAt: Uint32Array
  readonly valueLength: Uint16Array
}

export const newPairs = (bytes: Uint8Array, count: number): PackedPairs => ({
  bytes,
  count,
  keyAt: new Uint32Array(count),
  keyLength: new Uint16Array(count),
  valueAt: new Uint32Array(count),
  valueLength: new Uint16Array(count),
})

/** Less than, equal to or greater than 0, by byte, a key before the longer ones that begin with it. */
export function compareKeys({ bytes, keyAt, keyLength }: PackedPairs, i: number, j: number): number {
  const [a, b] = [keyAt[i]!, keyAt[j]!]
  const [lengthA, lengthB] = [keyLength[i]!, keyLength[j]!]
  const both = Math.min(lengthA, lengthB)
  for (let k = 0; k < both; k++) {
    const difference = bytes[a + k]! - bytes[b + k]!
    if (difference !== 0) return difference
  }
  return lengthA - lengthB
}

/** Ascending by key. A natural merge sort: what is sorted costs one pass, and a few sorted stretches little more. */
export function sortPairs(pairs: PackedPairs): PackedPairs {
  const { count } = pairs
  let stretches = [0]
  for (let i = 1; i < count; i++) if (compareKeys(pairs, i - 1, i) > 0) stretches.push(i)
  if (stretches.length === 1) return pairs
  stretches.push(count)
  let from = new Uint32Array(count)
  for (let i = 1; i < count; i++) from[i] = i
  let to = new Uint32Array(count)
  while (stretches.length > 2) {
    const merged = [0]
    for (let s = 0; s + 1 < stretches.length; s += 2) {
      const middle = stretches[s + 1]!
      const end = stretches[s + 2] ?? middle
      merge(pairs, from, to, stretches[s]!, middle, end)
      merged.push(end)
    }
    stretches = merged
    ;[from, to] = [to, from]
  }
  return inOrder(pairs, from)
}

/** Two sorted stretches of `from`, side by side, into the same place of `to`. */
function merge(
  pairs: PackedPairs,
  from: Uint32Array,
  to: Uint32Array,
  start: number,
  middle: number,
  end: number,
): void {
  if (middle === end || compareKeys(pairs, from[middle - 1]!, from[middle]!) <= 0) {
    to.set(from.subarray(start, end), start)
    return
  }
  let [left, right] = [start, middle]
  for (let at = start; at < end; at++) {
    const takeLeft = right >= end || (left < middle && compareKeys(pairs, from[left]!, from[right]!) <= 0)
    to[at] = takeLeft ? from[left++]! : from[right++]!
  }
}

function inOrder(pairs: PackedPairs, order: Uint32Array): PackedPairs {
  const sorted = newPairs(pairs.bytes, pairs.count)
  for (let at = 0; at < pairs.count; at++) {
    const i = order[at]!
    sorted.keyAt[at] = pairs.keyAt[i]!
    sorted.keyLength[at] = pairs.keyLength[i]!
    sorted.valueAt[at] = pairs.valueAt[i]!
    sorted.valueLength[at] = pairs.valueLength[i]!
  }
  return sorted
}

/** Pairs from strings whose characters stand for bytes (latin1), in the order given. */
export function packPairs(entries: readonly (readonly [key: string, value: string])[]): PackedPairs {
  const pairs = newPairs(Buffer.from(entries.flat().join(''), 'latin1'), entries.length)
  let at = 0
  for (const [i, [key, value]] of entries.entries()) {
    pairs.keyAt[i] = at
    pairs.keyLength[i] = key.length
    pairs.valueAt[i] = at + key.length
    pairs.valueLength[i] = value.length
    at += key.length + value.length
  }
  return pairs
}
