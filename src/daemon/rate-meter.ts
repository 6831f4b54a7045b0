// Events per second over the last minute, from a counter that only grows.

const WINDOW_SECONDS = 60

export class RateMeter {
  readonly #samples: { readonly at: number; readonly count: number }[] = []

  /** @param at seconds of a clock that only runs forward @param count the counter's value then */
  sample(at: number, count: number): void {
    this.#samples.push({ at, count })
    while (this.#samples.length > 2 && this.#samples[1]!.at <= at - WINDOW_SECONDS) this.#samples.shift()
  }

  /** Per second, one decimal. */
  rate(at: number, count: number): number {
    const first = this.#samples[0]
    if (first === undefined || at - first.at < 1) return 0
    return Math.round(((count - first.count) / (at - first.at)) * 10) / 10
  }
}
