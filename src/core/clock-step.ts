// A clock that is set back would lengthen every authorization: notice it.

/** Compares the wall clock with a monotonic one. */
export class ClockStepWatch {
  #wall: number
  #monotonic: number

  /** @param wall seconds since the epoch @param monotonic seconds of a clock that only runs forward; both with fractions */
  constructor(wall: number, monotonic: number) {
    this.#wall = wall
    this.#monotonic = monotonic
  }

  /**
   * Whole seconds (negative) that the wall clock was set back since the last call, 0 when it was not.
   * A step forward needs nothing: what has expired by the wall clock has expired. Slewing stays below the threshold.
   */
  check(wall: number, monotonic: number): number {
    const step = wall - this.#wall - (monotonic - this.#monotonic)
    // Small differences add up against the same base, so that many small steps back are noticed too.
    if (step > -2 && step <= 0) return 0
    this.#wall = wall
    this.#monotonic = monotonic
    return step > 0 ? 0 : Math.round(step)
  }
}
