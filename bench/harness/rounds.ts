// The machine is noisy: every case takes its turn in every round, and the figure is the median over the rounds.

/** The middle one; of an even number the lower middle. NaN for none. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN
}

/**
 * Runs each case once a round, starting each round with the next one, so that none always follows the same other.
 * Returns, for each case, its results in the order of the rounds.
 */
export async function interleave<Name extends string, Result>(
  rounds: number,
  cases: Readonly<Record<Name, () => Promise<Result>>>,
): Promise<Record<Name, Result[]>> {
  const names = Object.keys(cases) as Name[]
  const results = Object.fromEntries(names.map((name) => [name, [] as Result[]])) as Record<Name, Result[]>
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length]!
      results[name].push(await cases[name]())
    }
  }
  return results
}

interface Rate {
  readonly perSecond: number
}

/** Median over the rounds of a's rate divided by b's of the same round: what slowed a round slowed both. */
export const ratio = (a: readonly Rate[], b: readonly Rate[]): number =>
  median(a.map((result, round) => result.perSecond / b[round]!.perSecond))

export const medianOf = <Field extends string>(
  results: readonly Readonly<Record<Field, number>>[],
  field: Field,
): number => median(results.map((result) => result[field]))
