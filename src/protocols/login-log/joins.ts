/** Remembers a value for a key for a while: at most `capacity` of them, the oldest goes first. */
export class Joins<Value> {
  readonly #capacity: number
  readonly #maxAge: number
  readonly #held = new Map<string, { readonly value: Value; readonly at: number }>()

  /** @param maxAge seconds; what is older is forgotten */
  constructor(capacity: number, maxAge: number) {
    this.#capacity = capacity
    this.#maxAge = maxAge
  }

  put(key: string, value: Value, at: number): void {
    this.#held.delete(key)
    this.#held.set(key, { value, at })
    if (this.#held.size > this.#capacity) this.#held.delete(this.#held.keys().next().value!)
  }

  /** The value, once; undefined when there is none, it is too old, or it is from after `at`. */
  take(key: string, at: number): Value | undefined {
    const held = this.#held.size === 0 ? undefined : this.#held.get(key)
    if (!held) return undefined
    this.#held.delete(key)
    return at >= held.at && at - held.at <= this.#maxAge ? held.value : undefined
  }
}
