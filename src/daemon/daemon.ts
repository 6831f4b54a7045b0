// The daemon: every room composed from the settings, and taken down again in order.
import type { Metrics } from '../admin/metrics.ts'
import type { StatusView } from '../admin/status.ts'
import { RelayTable } from '../core/relay-table.ts'
import { parseAddress } from '../lib/address.ts'
import { wallClock } from '../lib/clock.ts'
import { messageOf } from '../lib/errors.ts'
import { relayKey } from '../lib/prefix.ts'
import type { MapPublisher } from '../maps/publisher/publisher.ts'
import { formatEndpoint } from '../net/endpoint.ts'
import { inheritedSockets } from '../net/inherited.ts'
import { openPortmapper, type Portmapper, type PortmapperState } from '../reports/portmapper/open.ts'
import { Administration, loadMetrics } from './administration.ts'
import type { DracdArguments } from './argv.ts'
import { type EffectiveSettings, effectiveSettings } from './effective-settings.ts'
import { type FrontEnds, openFrontEnds } from './front-ends.ts'
import { Housekeeping } from './housekeeping.ts'
import type { Log } from './log.ts'
import { logChanges } from './log-changes.ts'
import { type Logs, openLogs } from './logs.ts'
import { mapStatus, openMaps } from './maps.ts'
import { openStore, storePath } from './open-store.ts'
import { policyOf } from './policy.ts'
import { type OpenPolls, openPolls } from './polls.ts'
import { prepareTable } from './prepare-table.ts'
import { needRestart } from './reload.ts'
import { withInherited } from './socket-activation.ts'
import { readTokens } from './token.ts'
import { VERSION } from './version.ts'

/** The unspecified address. */
const NOBODY = relayKey(parseAddress('0.0.0.0'), 32)

const notAsked = (endpoint: string): string =>
  `${endpoint} was handed over by the service manager, but no setting listens there: write it into dracd.toml, or take it out of the socket unit`

export class Daemon {
  readonly #args: DracdArguments
  /** What is open was opened with these. */
  readonly #startedWith: EffectiveSettings
  /** As of the last reload. */
  #settings: EffectiveSettings
  readonly #log: Log
  readonly #table: RelayTable
  readonly #startedAt = wallClock()
  readonly #housekeeping: Housekeeping
  readonly #administration: Administration
  #maps: readonly MapPublisher[] = []
  #frontEnds: FrontEnds | undefined
  #polls: OpenPolls | undefined
  #logs: Logs | undefined
  #portmapper: Portmapper | undefined
  #stopLogging: () => void

  /** Rejects with `config` when it may not or cannot start. */
  static async start(args: DracdArguments, settings: EffectiveSettings, log: Log): Promise<Daemon> {
    const { policy, warnings } = policyOf(settings)
    for (const message of warnings) log.warn({ event: 'settings', message })
    const inherited = inheritedSockets()
    let daemon: Daemon | undefined
    const metrics = await loadMetrics(settings, () => daemon!.#status())
    const { store, isNew } = openStore(settings, log, (seconds, writes) => metrics?.commit(seconds, writes))
    daemon = new Daemon(args, settings, log, new RelayTable(store, policy, wallClock), metrics)
    try {
      daemon.#settings = withInherited(settings, inherited)
      await daemon.#open(isNew)
      for (const endpoint of inherited.unused()) log.error({ event: 'socket-activation', message: notAsked(endpoint) })
      return daemon
    } catch (error) {
      await daemon.stop()
      throw error
    }
  }

  private constructor(
    args: DracdArguments,
    settings: EffectiveSettings,
    log: Log,
    table: RelayTable,
    metrics: Metrics | undefined,
  ) {
    this.#args = args
    this.#startedWith = settings
    this.#settings = settings
    this.#log = log
    this.#table = table
    this.#stopLogging = logChanges(log)
    this.#administration = new Administration(settings, table, log, () => this.#status(), metrics)
    this.#housekeeping = new Housekeeping(table, log, () => this.#refreshMaps())
  }

  get endpoints(): Readonly<Record<string, readonly string[]>> {
    const portmapper = this.#portmapper?.endpoints ?? []
    const ours = portmapper.length > 0 ? { portmapper: portmapper.map(formatEndpoint) } : {}
    return { ...this.#frontEnds?.endpoints, ...ours }
  }

  /** SIGHUP. What is wrong is logged, and then nothing changes. */
  reload(): void {
    try {
      const settings = effectiveSettings(this.#args)
      const { policy, warnings } = policyOf(settings)
      const tokens = readTokens(settings.http)
      for (const message of warnings) this.#log.warn({ event: 'settings', message })
      this.#table.setPolicy(policy)
      this.#frontEnds?.http.setTokens(tokens)
      this.#log.level = settings.log_level
      this.#frontEnds?.dracRpc.forget()
      this.#refreshMaps()
      const waiting = needRestart(this.#startedWith, settings)
      this.#settings = settings
      this.#log.info({ event: 'reloaded', ...(waiting.length > 0 ? { need_restart: waiting } : {}) })
    } catch (error) {
      this.#log.error({ event: 'reload-failed', message: `${messageOf(error)}; the old settings stay in force` })
    }
  }

  /** Asks the store for one entry, as a look-up does: one line for the service manager about what MTAs hear. */
  health(): string {
    try {
      this.#table.store.get(NOBODY)
      return `Answering, ${this.#table.store.count()} entries`
    } catch (error) {
      return `Answering "try again later": ${messageOf(error)}`
    }
  }

  /** Answers what is owed, leaves empty maps, closes the store. */
  async stop(): Promise<void> {
    const say = (error: unknown): void => this.#log.error({ event: 'stopping', message: messageOf(error) })
    await this.#portmapper?.close()
    await this.#polls?.close().catch(say)
    await this.#logs?.close().catch(say)
    await this.#frontEnds?.close().catch(say)
    await this.#housekeeping.close()
    await Promise.all(this.#maps.map((map) => map.close().catch(say)))
    await this.#table.store.close().catch(say)
    this.#administration.close()
    this.#stopLogging()
  }

  async #open(isNew: boolean): Promise<void> {
    await prepareTable(this.#table, this.#args, isNew, this.#log)
    this.#maps = await openMaps(this.#settings, this.#table, this.#args.empty)
    this.#frontEnds = await openFrontEnds(() => this.#settings, this.#table, this.#administration)
    this.#polls = openPolls(this.#settings.poll, this.#table)
    this.#logs = await openLogs(this.#settings, this.#table, this.#args.empty)
    this.#portmapper = await this.#openPortmapper(this.#frontEnds)
  }

  #refreshMaps(): void {
    for (const map of this.#maps) map.refresh()
  }

  #openPortmapper({ dracRpc }: FrontEnds): Promise<Portmapper> {
    return openPortmapper(this.#settings.drac_rpc.portmapper, dracRpc.endpoints, {
      trusts: (source) => this.#table.trusts(source),
      setForwarded: (forwards) => dracRpc.setForwarded(forwards),
      changed: (state) => this.#sayPortmapper(state),
    })
  }

  #sayPortmapper({ mode, reason, registered, forwards }: PortmapperState): void {
    const line = { event: 'portmapper', mode, registered, forwards }
    const cure = 'start rpcbind without -r, or trust no address of this host'
    if (forwards) this.#log.error({ ...line, message: `${reason}; ${cure}` })
    else this.#log.info({ ...line, message: reason })
  }

  #status(): StatusView {
    const { store, counters, policy } = this.#table
    return {
      version: VERSION,
      pid: process.pid,
      started_at: this.#startedAt,
      now: this.#table.now(),
      store: { ...store.health(), path: storePath(this.#startedWith) },
      entries: store.health().state === 'up' ? store.count() : null,
      sessions: this.#table.sessions.count,
      max_entries: this.#startedWith.max_entries,
      lifetime: policy.lifetime,
      expiry_lag: this.#housekeeping.expiryLag(),
      endpoints: this.endpoints,
      portmapper: this.#portmapper?.state ?? {
        mode: 'off',
        registered: false,
        forwards: false,
        reason: 'not opened yet',
      },
      counters,
      rates: this.#housekeeping.rates(),
      maps: this.#maps.map(mapStatus),
      polls: this.#polls?.status() ?? [],
      logs: this.#logs?.status() ?? [],
    }
  }
}
