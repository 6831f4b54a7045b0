// A relay table on a clock of its own, and reports in short.
import type { AuthorizationStore } from '../../src/core/authorization-store.ts'
import type { LoginEvent, LogoutEvent } from '../../src/core/login-event.ts'
import type { RelayPolicy } from '../../src/core/policy.ts'
import { RelayTable } from '../../src/core/relay-table.ts'
import { trustNetworks } from '../../src/core/trusted-clients.ts'
import { parseAddress } from '../../src/lib/address.ts'
import { PrefixSet, parsePrefix } from '../../src/lib/prefix.ts'
import { LaggingStore } from './lagging-store.ts'

export const LIFETIME = 1800
export const MAX_SESSION = 86_400

export const policy = (changed: Partial<RelayPolicy> = {}): RelayPolicy => ({
  lifetime: LIFETIME,
  maxLifetime: 86_400,
  ipv4Prefix: 32,
  ipv6Prefix: 128,
  trustedClients: trustNetworks(['127.0.0.1', '198.51.100.1', '198.51.100.2'].map(parsePrefix)),
  exemptNetworks: new PrefixSet([]),
  sessionLease: 21_600,
  maxSession: MAX_SESSION,
  shared: { users: 0, window: 86_400, lifetime: 0 },
  ownAddresses: () => new Set(),
  ...changed,
})

export class Fixture {
  now = 1_790_000_000
  readonly store: LaggingStore
  table: RelayTable

  /** What the table is on: `store`, unless another is given. */
  readonly #backend: AuthorizationStore

  constructor(changed: Partial<RelayPolicy> = {}, maxEntries = 1000, backend?: AuthorizationStore) {
    this.store = new LaggingStore({ maxEntries })
    this.#backend = backend ?? this.store
    this.table = new RelayTable(this.#backend, policy(changed), () => this.now)
  }

  /** A new daemon on the same store. */
  restart(changed: Partial<RelayPolicy> = {}): void {
    this.table = new RelayTable(this.#backend, policy(changed), () => this.now)
  }

  add(client: string, more: Partial<LoginEvent> = {}): ReturnType<RelayTable['add']> {
    return this.table.add({ client: parseAddress(client), reporter: 'local', via: 'test', ...more })
  }
  /** A login through a connection that keeps its address authorized. */
  login(client: string, id: string, more: Partial<LoginEvent> = {}): ReturnType<RelayTable['add']> {
    return this.add(client, { session: { id, kind: 'renews' }, ...more })
  }
  alive(client: string, id: string, more: Partial<LoginEvent> = {}): ReturnType<RelayTable['add']> {
    return this.login(client, id, { kind: 'alive', ...more })
  }
  logout(session: string, more: Partial<LogoutEvent> = {}): ReturnType<RelayTable['logout']> {
    return this.table.logout({ reporter: 'local', via: 'test', session, ...more })
  }
  /** WHOSON LOGIN and LOGOUT. @param reporter the last number of its address */
  held(client: string, reporter = 1, more: Partial<LoginEvent> = {}): ReturnType<RelayTable['add']> {
    return this.add(client, {
      reporter: parseAddress(`198.51.100.${reporter}`),
      via: 'whoson',
      session: { id: client, kind: 'held' },
      ...more,
    })
  }
  withdraw(client: string, reporter = 1): ReturnType<RelayTable['withdraw']> {
    return this.table.withdraw({ reporter: parseAddress(`198.51.100.${reporter}`), via: 'whoson', session: client })
  }
  revoke(client: string): ReturnType<RelayTable['revoke']> {
    return this.table.revoke(parseAddress(client), 'test')
  }

  may(client: string): boolean {
    return this.table.lookup(parseAddress(client)).action === 'permit'
  }
  /** Seconds from now for which the client is authorized; undefined: not at all. */
  left(client: string): number | undefined {
    const verdict = this.table.lookup(parseAddress(client))
    return verdict.action === 'permit' ? verdict.authorization.expiresAt - this.now : undefined
  }

  /** What housekeeping does, second by second in the daemon, here every `step`. */
  async pass(seconds: number, step = 60): Promise<void> {
    for (let left = seconds; left > 0; left -= step) {
      this.now += Math.min(step, left)
      await this.table.renewConnected()
    }
  }
}
