// The first of many alike is logged, the rest are counted and summed up: a refusal must not be a flood.

export class Repeats {
  readonly #counts = new Map<string, number>()
  readonly #limit: number

  /** @param limit different keys remembered at a time; above it, new ones are counted under `others` */
  constructor(limit = 1000) {
    this.#limit = limit
  }

  /** True the first time since the last `drain`. */
  first(key: string): boolean {
    const known = this.#counts.has(key) || this.#counts.size < this.#limit ? key : 'others'
    const count = this.#counts.get(known)
    this.#counts.set(known, (count ?? 0) + 1)
    return count === undefined
  }

  /** What came more than once since the last call, with how often again after the first. */
  drain(): [key: string, again: number][] {
    const repeated = [...this.#counts]
      .filter(([, count]) => count > 1)
      .map(([key, count]): [string, number] => [key, count - 1])
    this.#counts.clear()
    return repeated
  }
}
