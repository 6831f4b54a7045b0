// drac check --mta NAME: the mail server's own configuration, and its own answer.
import type { ExplanationView } from '../../../daemon/control-views.ts'
import type { Settings } from '../../../daemon/settings/schema.ts'
import { malformed, messageOf } from '../../../lib/errors.ts'
import { type Finding, warning } from '../../../mta/check/finding.ts'
import { Places } from '../../../mta/places.ts'
import { findMta } from '../../../mta/registry.ts'
import { permitFindings } from '../../../mta/smtp/permit-test.ts'
import { relayFindings } from '../../../mta/smtp/relay-test.ts'
import type { SmtpServer } from '../../../mta/smtp/session.ts'
import { ask, type CommonOptions } from '../context.ts'
import { factsOf } from '../facts.ts'
import { operator } from '../operator.ts'

export interface MtaOptions extends CommonOptions {
  readonly mta?: string
  readonly mtaRoot?: string
  readonly file?: string
  /** HOST:PORT; false with --no-smtp. */
  readonly smtp: string | false
  readonly source?: string
  readonly permitTest?: true
}

const UNITS = [
  '/etc/systemd/system/dracd.service',
  '/lib/systemd/system/dracd.service',
  '/usr/lib/systemd/system/dracd.service',
]

/** @param reachable whether a daemon answers, which knows who is authorized */
export async function mtaFindings(options: MtaOptions, settings: Settings, reachable: boolean): Promise<Finding[]> {
  const places = new Places({ root: options.mtaRoot, file: options.file })
  const unit = UNITS.map((path) => places.read(places.below(path))).find((text) => text !== undefined)
  const inspection =
    options.mta === undefined ? undefined : findMta(options.mta).inspect(places, { facts: factsOf(settings), unit })
  const findings = [...(inspection?.findings ?? [])]
  if (options.smtp === false) return findings
  const server = serverOf(options.smtp)
  const authorized = (address: string): Promise<boolean> =>
    reachable ? isAuthorized(options, address) : Promise.resolve(false)
  const test = await relayFindings({ server, source: options.source, trusted: inspection?.trusted, authorized })
  findings.push(...test.findings)
  if (options.permitTest) findings.push(...(await permitTest(options, server, test.asked?.source, reachable)))
  return findings
}

function serverOf(text: string): SmtpServer {
  const [, v6, host, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? []
  if (port === undefined) throw malformed('DRAC_USAGE', `--smtp takes HOST:PORT, not ${JSON.stringify(text)}`)
  return { host: v6 ?? host!, port: Number(port) }
}

async function isAuthorized(options: CommonOptions, address: string): Promise<boolean> {
  const { body } = await ask(options, 'GET', `/v1/authorizations/${encodeURIComponent(address)}`)
  return (body as ExplanationView).action === 'permit'
}

async function permitTest(
  options: MtaOptions,
  server: SmtpServer,
  source: string | undefined,
  reachable: boolean,
): Promise<readonly Finding[]> {
  if (!reachable || source === undefined) {
    const why = reachable ? 'there is no address to ask from' : 'dracd is not reachable'
    return [warning('--permit-test', `not done: ${why}`, reachable ? 'name one with --source' : 'start dracd')]
  }
  const by = operator()
  return permitFindings({
    server,
    source,
    permit: () => permit(options, source, by),
    revoke: async () => {
      await ask(
        options,
        'DELETE',
        `/v1/authorizations/${encodeURIComponent(source)}?${new URLSearchParams({ by: `${by} (drac check)` })}`,
      )
    },
  })
}

/** Undefined when it may now relay for a minute. */
async function permit(options: MtaOptions, address: string, by: string): Promise<string | undefined> {
  try {
    const body = { address, lifetime: 60, source: `permit by ${by}`, note: 'drac check --permit-test' }
    const reply = await ask(options, 'POST', '/v1/authorizations', body)
    const { status, reason } = reply.body as { status?: string; reason?: string }
    return status === 'added' || status === 'renewed' ? undefined : (reason ?? status ?? `HTTP ${reply.status}`)
  } catch (error) {
    return messageOf(error)
  }
}
