// What an unknown name was perhaps meant to be.

const leafOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1)

/** The name of `known` that is meant: with the same last word elsewhere, or a few letters away. */
export function nearest(unknown: string, known: readonly string[]): string | undefined {
  const leaf = leafOf(unknown)
  const elsewhere = known.filter((name) => leafOf(name) === leaf)
  if (elsewhere.length > 0) return elsewhere.join(' or ')
  const ranked = known.map((name) => ({ name, away: distance(unknown, name) })).sort((a, b) => a.away - b.away)
  const best = ranked[0]
  return best && best.away <= 1 + unknown.length / 4 ? best.name : undefined
}

/** Letters to insert, leave out, change, or swap with their neighbour. */
export function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row.push(
        Math.min(
          row[j - 1]! + 1,
          rows[i - 1]![j]! + 1,
          rows[i - 1]![j - 1]! + same,
          swapped ? rows[i - 2]![j - 2]! + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}
