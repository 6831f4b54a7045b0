// The relay policy that the settings describe.
import { readFileSync } from 'node:fs'
import type { RelayPolicy } from '../core/policy.ts'
import { parseAllowFile, type TrustedClients, trustNetworks, trustOwnHost } from '../core/trusted-clients.ts'
import { configError, messageOf } from '../lib/errors.ts'
import { PrefixSet } from '../lib/prefix.ts'
import type { EffectiveSettings } from './effective-settings.ts'
import { ownAddresses } from './own-addresses.ts'

/** Throws `config`; `warnings` are for the log. */
export function policyOf(settings: EffectiveSettings): { policy: RelayPolicy; warnings: readonly string[] } {
  const { trusted, warnings } = trustedClients(settings)
  return {
    warnings,
    policy: {
      lifetime: settings.lifetime,
      maxLifetime: settings.max_lifetime,
      ipv4Prefix: settings.ipv4_prefix,
      ipv6Prefix: settings.ipv6_prefix,
      trustedClients: trusted,
      exemptNetworks: new PrefixSet(settings.exempt_networks),
      sessionLease: settings.session_lease,
      maxSession: settings.max_session,
      shared: { users: settings.shared_users, window: settings.shared_window, lifetime: settings.shared_lifetime },
      ownAddresses,
    },
  }
}

function trustedClients(settings: EffectiveSettings): { trusted: TrustedClients; warnings: readonly string[] } {
  const path = settings.trusted_clients_file
  if (path === '') return { trusted: trustNetworks(settings.trusted_clients), warnings: [] }
  try {
    return parseAllowFile(readFileSync(path, 'utf8'), path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' && settings.allowFileMayBeMissing)
      return { trusted: trustOwnHost(ownAddresses), warnings: [] }
    if (code === undefined || code.startsWith('DRAC_')) throw error
    const cure = 'create it (empty trusts nobody), or set trusted_clients instead'
    throw configError(
      'DRAC_ALLOW_FILE',
      `trusted_clients_file ${path}: cannot be read: ${messageOf(error)}; ${cure}`,
      error,
    )
  }
}
