// Every way in which a POP or IMAP server's logins are tried, in the order of the table in integrations/README.md.
import type { Heading } from './page-table.ts'

export const LOGIN_WAYS: readonly Heading[] = []
