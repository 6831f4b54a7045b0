/** What a caller may do about an error. One kind decides one wire answer in every front end. */
export type ErrorKind = 'malformed' | 'unsupported' | 'tempfail' | 'config'

/** Base of every error this package throws. `code` is stable API; `message` is for people and is not. */
export class DracError extends Error {
  override readonly name = 'DracError'
  readonly code: string
  readonly kind: ErrorKind
  constructor(code: string, kind: ErrorKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.kind = kind
  }
}

/** The bytes or the text cannot be what they claim to be; trying again will not help. */
export const malformed = (code: string, message: string): DracError => new DracError(code, 'malformed', message)

/** Well formed, but not something this program does. */
export const unsupported = (code: string, message: string): DracError => new DracError(code, 'unsupported', message)

/** Not now: the same request may work later. */
export const tempfail = (code: string, message: string, cause?: unknown): DracError =>
  new DracError(code, 'tempfail', message, { cause })

/** The administrator's to mend; the message names what, where and the cure. */
export const configError = (code: string, message: string, cause?: unknown): DracError =>
  new DracError(code, 'config', message, { cause })

/** The kind of anything that was thrown: what is not ours is trouble of the moment, never a permit. */
export const kindOf = (error: unknown): ErrorKind => (error instanceof DracError ? error.kind : 'tempfail')

/** The text of anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
