// The mail servers that "drac setup" knows, and of them the MTAs, which "drac check" knows.
import { malformed } from '../lib/errors.ts'
import { courierImap } from './courier-imap/ways.ts'
import { courierMta } from './courier-mta/ways.ts'
import { cyrus } from './cyrus/ways.ts'
import { dovecot } from './dovecot/ways.ts'
import { exim } from './exim/ways.ts'
import { LOG_ONLY } from './log-only/ways.ts'
import { opensmtpd } from './opensmtpd/ways.ts'
import { pam } from './pam/ways.ts'
import type { MailServer, Mta, Way } from './plan.ts'
import { popa3d } from './popa3d/ways.ts'
import { postfix } from './postfix/ways.ts'
import { qmail } from './qmail/ways.ts'
import { qpopper } from './qpopper/ways.ts'
import { sendmail } from './sendmail/ways.ts'
import { solidPop3d } from './solid-pop3d/ways.ts'
import { teapop } from './teapop/ways.ts'
import { tpop3d } from './tpop3d/ways.ts'
import { uwImap } from './uw-imap/ways.ts'
import { whoson } from './whoson/ways.ts'

export const MTAS: readonly Mta[] = [sendmail, postfix, exim, opensmtpd, qmail, courierMta]

/** POP and IMAP servers, whose logins open the relay. */
export const LOGIN_SERVERS: readonly MailServer[] = [
  dovecot,
  cyrus,
  courierImap,
  uwImap,
  qpopper,
  teapop,
  tpop3d,
  popa3d,
  solidPop3d,
  ...LOG_ONLY,
  pam,
  whoson,
]

/** Other names for the same thing. */
const ALIASES: Readonly<Record<string, string>> = {
  exim4: 'exim',
  smtpd: 'opensmtpd',
  tcpserver: 'qmail',
  courier: 'courier-mta',
  uw: 'uw-imap',
  imapd: 'uw-imap',
}

/** Throws `malformed` DRAC_USAGE, with the names that there are. */
export const findMta = (name: string): Mta => find(MTAS, name)
/** The same, among MTAs and POP and IMAP servers. */
export const findServer = (name: string): MailServer => find([...MTAS, ...LOGIN_SERVERS], name)

function find<Server extends MailServer>(servers: readonly Server[], name: string): Server {
  const found = servers.find((each) => each.name === (ALIASES[name] ?? name))
  if (found) return found
  throw malformed(
    'DRAC_USAGE',
    `no mail server ${JSON.stringify(name)}; there are ${servers.map((each) => each.name).join(', ')}`,
  )
}

/** The recommended one when none is named. Throws `malformed` DRAC_USAGE. */
export function findWay(mta: MailServer, name: string | undefined): Way {
  const found = name === undefined ? mta.ways[0] : mta.ways.find((each) => each.name === name)
  if (found) return found
  throw malformed(
    'DRAC_USAGE',
    `${mta.title} has no way ${JSON.stringify(name)}; there are ${mta.ways.map((each) => each.name).join(', ')}`,
  )
}
