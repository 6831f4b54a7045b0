// drac show ADDRESS: may it relay, and why.
import type { Command } from 'commander'
import type { AuthorizationView, ExplanationView } from '../../daemon/control-views.ts'
import { formatDuration } from '../../lib/duration.ts'
import { ask, type CommonOptions, common, print } from './context.ts'
import { localTime, plural, printable } from './text.ts'

export const addShow = (program: Command): Command =>
  common(program.command('show').argument('<address>'))
    .description('say why an address may or may not relay')
    .action(show)

async function show(address: string, options: CommonOptions): Promise<void> {
  const { body } = await ask(options, 'GET', `/v1/authorizations/${encodeURIComponent(address)}`)
  const view = body as ExplanationView
  print(options, view, () => describe(view).map(printable))
}

function describe(view: ExplanationView): string[] {
  return [
    headline(view),
    `  why       ${view.reason}`,
    ...view.authorizations.flatMap(details),
    ...sessions(view),
    ...unstored(view),
  ]
}

function headline({ address, action, authorizations }: ExplanationView): string {
  if (action === 'tempfail') return `${address}: mail servers are told to try again later`
  if (action === 'dunno') return `${address} may not relay`
  const longest = authorizations.reduce((a, b) => (b.expires_at > a.expires_at ? b : a))
  return `${address} may relay for ${formatDuration(longest.seconds_left)}, until ${localTime(longest.expires_at)}`
}

function details(entry: AuthorizationView): string[] {
  return [
    `  entry     ${entry.address}, ${entry.seconds_left > 0 ? 'expires' : 'expired'} ${localTime(entry.expires_at)}`,
    `  first     ${localTime(entry.first_seen)}`,
    `  last      ${localTime(entry.last_seen)}, by ${entry.source}`,
    ...entry.logins.map(
      ({ user, source, last_seen, note }) =>
        `  login     ${user || '-'}, ${localTime(last_seen)}, by ${source}${note ? `: ${note}` : ''}`,
    ),
  ]
}

/** Connected now; what no longer counts is told too, since it explains why the address is not renewed. */
function sessions({ sessions, revoked_at }: ExplanationView): string[] {
  return [
    ...sessions.map(
      ({ client, user, source, opened_at, lease_until, renews }) =>
        `  session   ${client}, ${user || '-'}, since ${localTime(opened_at)}, by ${source}; ${renews ? 'renews until told of its end, or' : 'renews nothing;'} ${localTime(lease_until)}`,
    ),
    ...(revoked_at === undefined ? [] : [`  revoked   ${localTime(revoked_at)}; the next login counts again`]),
  ]
}

function unstored({ unstored: entry }: ExplanationView): string[] {
  if (entry === undefined) return []
  return [
    `  unstored  ${plural(entry.count, 'report')}, last ${localTime(entry.last_seen)} by ${entry.source}: ${entry.reason}`,
  ]
}
