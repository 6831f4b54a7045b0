/** Whole seconds since the epoch. Handed in wherever time matters; tests pass a fixed one. */
export type Clock = () => number

export const wallClock: Clock = () => Math.floor(Date.now() / 1000)
