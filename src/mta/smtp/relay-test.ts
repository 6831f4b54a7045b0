// Asks the MTA itself whether it relays for a client that may not, and for one that may.
import { messageOf } from '../../lib/errors.ts'
import type { Prefix } from '../../lib/prefix.ts'
import { error, type Finding, ok, warning } from '../check/finding.ts'
import { type SmtpReply, type SmtpServer, SmtpSession } from './session.ts'
import { isLoopback, sources } from './source.ts'

/** RFC 6761 section 6.4: never a real domain. */
export const RECIPIENT = 'drac-check@example.invalid'
const TIMEOUT_MS = 30_000

export interface RelayTest {
  readonly server: SmtpServer
  /** --source; left out: found out. */
  readonly source: string | undefined
  /** Networks that relay anyway; undefined: not known. */
  readonly trusted: readonly Prefix[] | undefined
  /** Whether dracd authorizes an address now. */
  readonly authorized: (address: string) => Promise<boolean>
}

export interface Asked {
  readonly source: string
  readonly reply: SmtpReply
}

/** One RCPT TO from the first source that can be bound. Undefined when there is none to ask from. */
export async function askAsStranger({ server, source, trusted, authorized }: RelayTest): Promise<Asked | undefined> {
  const candidates = source === undefined ? sources(server.host, trusted) : [source]
  let last: unknown
  for (const candidate of candidates) {
    if (source === undefined && (await authorized(candidate))) continue
    try {
      return { source: candidate, reply: await ask(server, candidate) }
    } catch (error) {
      if (!/EADDRNOTAVAIL|EINVAL|ENETUNREACH|EHOSTUNREACH/.test(messageOf(error))) throw error
      last = error
    }
  }
  if (source !== undefined && last !== undefined) throw last
  return undefined
}

export async function ask(server: SmtpServer, source: string): Promise<SmtpReply> {
  const session = await SmtpSession.open(server, source, TIMEOUT_MS)
  try {
    return await session.recipient(RECIPIENT)
  } finally {
    await session.quit()
  }
}

/** What the answers mean. */
export async function relayFindings(test: RelayTest): Promise<{ findings: Finding[]; asked: Asked | undefined }> {
  const where = `${test.server.host}:${test.server.port}`
  try {
    if (test.source !== undefined && (await test.authorized(test.source))) {
      const why = `not asked from ${test.source}: dracd authorizes it now`
      return {
        findings: [warning(where, why, 'name another --source, or wait until its login has expired')],
        asked: undefined,
      }
    }
    const asked = await askAsStranger(test)
    return { findings: [asked ? verdict(asked, where, test) : nobody(where)], asked }
  } catch (cause) {
    return {
      findings: [
        warning(
          where,
          `the mail server could not be asked: ${messageOf(cause)}`,
          'start it, or name it with --smtp HOST:PORT',
        ),
      ],
      asked: undefined,
    }
  }
}

const nobody = (where: string): Finding =>
  warning(
    where,
    'not asked: every address of this host is permitted by the mail server itself (mynetworks and the like), so that its answer would prove nothing',
    'run this from another host, or name an address that is not permitted with --source',
  )

function verdict({ source, reply }: Asked, where: string, { trusted, source: named }: RelayTest): Finding {
  const said = `${reply.code} ${reply.text}`
  if (reply.code >= 500) return ok(where, `refuses to relay for ${source}: ${said}`)
  if (reply.code >= 400) {
    return warning(
      where,
      `answers ${said} to ${source}, which is not authorized: it cannot ask dracd, or something else defers`,
      'look into its log; drac check tells whether dracd answers',
    )
  }
  if (reply.code < 200 || reply.code >= 300)
    return warning(where, `answers ${said} to RCPT TO`, 'is this an SMTP server?')
  if (named === undefined && trusted === undefined && isLoopback(source)) {
    return warning(
      where,
      `relays for ${source}: it trusts its own host, or everybody; this cannot be told from here`,
      'run this with --mta NAME, or from an address that it does not trust: --source',
    )
  }
  return error(
    where,
    `OPEN RELAY: it accepts a recipient elsewhere from ${source}, which nobody authorized: ${said}`,
    'drac check --mta NAME tells why; stop the mail server until it is mended',
  )
}
