/** One run: how many answers came in each second. */
export interface Rate {
  readonly perSecond: number
}
