import type { Address } from '../../lib/address.ts'

/** Somebody has logged in over IMAP or POP3. */
export interface DovecotLogin {
  readonly client: Address
  /** Dovecot's name of the connection, the same in the policy report, the events and the log. */
  readonly session: string
  readonly user?: string
  /** Seconds since the epoch on Dovecot's clock, where it tells. */
  readonly at?: number
}

/** As Dovecot names them in `protocol` and `service`. Submission, LMTP, ManageSieve and the like open no relay. */
export const isMailProtocol = (value: unknown): boolean => value === 'imap' || value === 'pop3'
