import type { Authorization } from './authorization.ts'

/** What a mail server may do with a client now. `dunno` leaves the decision to its next rule. */
export type Verdict =
  | { readonly action: 'permit'; readonly authorization: Authorization }
  | { readonly action: 'dunno' }
