// drac revoke: withdraw by address, user or source.
import type { Command } from 'commander'
import { malformed } from '../../lib/errors.ts'
import { EXIT } from '../exit.ts'
import { ask, type CommonOptions, common, print } from './context.ts'
import { operator } from './operator.ts'
import { plural } from './text.ts'

interface Options extends CommonOptions {
  readonly user?: string
  readonly source?: string
  readonly network?: string
}

export const addRevoke = (program: Command): Command =>
  common(program.command('revoke').argument('[address]'))
    .description('withdraw an authorization')
    .option('--user <user>', 'everything this user logged in from')
    .option('--source <source>', 'everything this source reported last, by the beginning of its name')
    .option('--network <network>', 'everything inside this network, 192.0.2.0/24 say')
    .action(revoke)

async function revoke(address: string | undefined, options: Options): Promise<void> {
  const { user, source, network } = options
  if ([address, user, source, network].filter((given) => given !== undefined).length !== 1) {
    throw malformed('DRAC_USAGE', 'name one of ADDRESS, --user, --source and --network')
  }
  const query = new URLSearchParams({
    by: operator(),
    ...(user && { user }),
    ...(source && { source }),
    ...(network && { network }),
  })
  const target = address === undefined ? '' : `/${encodeURIComponent(address)}`
  const { body } = await ask(options, 'DELETE', `/v1/authorizations${target}?${query}`)
  const { revoked } = body as { revoked: string[] }
  if (revoked.length === 0) process.exitCode = EXIT.REFUSED
  print(options, body, () =>
    revoked.length === 0
      ? ['nothing to revoke']
      : [
          ...revoked.map((key) => `revoked ${key}`),
          ...(revoked.length > 1 ? [plural(revoked.length, 'authorization')] : []),
        ],
  )
}
