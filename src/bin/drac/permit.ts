// drac permit ADDRESS: authorize by hand.
import type { Command } from 'commander'
import type { AuthorizationView } from '../../daemon/control-views.ts'
import { formatDuration, parseDuration } from '../../lib/duration.ts'
import { EXIT } from '../exit.ts'
import { ask, type CommonOptions, common, print } from './context.ts'
import { operator } from './operator.ts'
import { localTime } from './text.ts'

interface Options extends CommonOptions {
  readonly for?: string
  readonly user?: string
  readonly note?: string
}

const REASONS: Readonly<Record<string, string>> = {
  exempt: 'exempt_networks names it',
  impossible: 'it is an address that is never a relay client',
  'own-server': 'trusted_clients names it: a mail server or proxy of our own is no client',
  anonymous: 'the user anonymous is nobody; leave --user out',
  'table-full': 'the table holds max_entries',
}

export const addPermit = (program: Command): Command =>
  common(program.command('permit').argument('<address>'))
    .description('authorize an address by hand')
    .option('--for <duration>', 'how long, 2h say; never more than max_lifetime (default: lifetime)')
    .option('--user <user>', 'whom it is for')
    .option('--note <text>', 'why; drac show tells it')
    .action(permit)

async function permit(address: string, options: Options): Promise<void> {
  const { status, body } = await ask(options, 'POST', '/v1/authorizations', {
    address,
    source: `permit by ${operator()}`,
    by: operator(),
    ...(options.for === undefined ? {} : { lifetime: parseDuration(options.for) }),
    ...(options.user === undefined ? {} : { user: options.user }),
    ...(options.note === undefined ? {} : { note: options.note }),
  })
  const result = body as { status: string; reason?: string; authorization?: AuthorizationView }
  const entry = result.authorization
  if (status !== 200 || entry === undefined) process.exitCode = EXIT.REFUSED
  print(options, result, () =>
    entry
      ? [`${entry.address} may relay for ${formatDuration(entry.seconds_left)}, until ${localTime(entry.expires_at)}`]
      : [`${address} was not authorized: ${REASONS[result.reason ?? ''] ?? result.reason}`],
  )
}
