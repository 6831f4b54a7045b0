// The other half: a client that dracd permits relays, and after the revocation it does not any more.
import { messageOf } from '../../lib/errors.ts'
import { error, type Finding, ok, warning } from '../check/finding.ts'
import { ask, RECIPIENT } from './relay-test.ts'
import type { SmtpReply, SmtpServer } from './session.ts'

export interface PermitTest {
  readonly server: SmtpServer
  /** Not authorized, and not permitted by the MTA itself. */
  readonly source: string
  /** Authorizes it for a minute; the reason when dracd refuses. */
  readonly permit: () => Promise<string | undefined>
  readonly revoke: () => Promise<void>
  /** Milliseconds until a change is seen: a map file is written some time after it. Default 15 s. */
  readonly patience?: number
}

const PATIENCE_MS = 15_000
const AGAIN_MS = 500

export async function permitFindings(test: PermitTest): Promise<Finding[]> {
  const where = `${test.server.host}:${test.server.port}`
  const refused = await test.permit()
  if (refused !== undefined) {
    return [
      warning(
        where,
        `${test.source} could not be permitted for the test: ${refused}`,
        'name an address of this host that is not loopback with --source',
      ),
    ]
  }
  try {
    const permitted = await until(test, ({ code }) => code >= 200 && code < 300)
    await test.revoke()
    const after = await until(test, ({ code }) => code >= 400)
    return [permittedFinding(permitted, where, test.source), revokedFinding(after, where, test.source)]
  } catch (cause) {
    return [
      warning(
        where,
        `the mail server could not be asked: ${messageOf(cause)}`,
        'start it, or name it with --smtp HOST:PORT',
      ),
    ]
  } finally {
    await test.revoke().catch(() => {})
  }
}

async function until(
  { server, source, patience = PATIENCE_MS }: PermitTest,
  wanted: (reply: SmtpReply) => boolean,
): Promise<SmtpReply> {
  const deadline = Date.now() + patience
  for (;;) {
    const reply = await ask(server, source)
    if (wanted(reply) || Date.now() > deadline) return reply
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
  }
}

function permittedFinding({ code, text }: SmtpReply, where: string, source: string): Finding {
  if (code >= 200 && code < 300) return ok(where, `relays for ${source} while it is permitted: ${code} ${text}`)
  const why = `does not relay for ${source} although dracd permits it: ${code} ${text}`
  return error(where, why, `drac check --mta NAME; if the text is about ${RECIPIENT} itself, that is what refuses`)
}

function revokedFinding({ code, text }: SmtpReply, where: string, source: string): Finding {
  if (code >= 400) return ok(where, `does not relay for ${source} after it was revoked: ${code} ${text}`)
  return error(
    where,
    `still relays for ${source}, which was revoked: ${code} ${text}`,
    'drac check --mta NAME; a stale map file?',
  )
}
