// The daemon: every room composed from the settings, and taken down again in order.
import type { StatusView } from '../admin/status.ts'
import { RelayTable } from '../core/relay-table.ts'
import { wallClock } from '../lib/clock.ts'
import { messageOf } from '../lib/errors.ts'
import type { MapPublisher } from '../maps/publisher/publisher.ts'
import { formatEndpoint } from '../net/endpoint.ts'
import { openPortmapper, type Portmapper, type PortmapperState } from '../reports/portmapper/open.ts'
import type { DracdArguments } from './argv.ts'
import { type EffectiveSettings, effectiveSettings } from './effective-settings.ts'
import { type FrontEnds, openFrontEnds } from './front-ends.ts'
import { Housekeeping } from './housekeeping.ts'
import type { Log } from './log.ts'
import { logChanges } from './log-changes.ts'
import { mapStatus, openMaps } from './maps.ts'
import { openStore, storePath } from './open-store.ts'
import { policyOf } from './policy.ts'
import { type OpenPolls, openPolls } from './polls.ts'
import { prepareTable } from './prepare-table.ts'
import { needRestart } from './reload.ts'
import { readToken } from './token.ts'
import { VERSION } from './version.ts'

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
  #maps: readonly MapPublisher[] = []
  #frontEnds: FrontEnds | undefined
  #polls: OpenPolls | undefined
  #portmapper: Portmapper | undefined
  #stopLogging: () => void

  /** Rejects with `config` when it may not or cannot start. */
  static async start(args: DracdArguments, settings: EffectiveSettings, log: Log): Promise<Daemon> {
    const { policy, warnings } = policyOf(settings)
    for (const message of warnings) log.warn({ event: 'settings', message })
    const { store, isNew } = openStore(settings, log)
    const daemon = new Daemon(args, settings, log, new RelayTable(store, policy, wallClock))
    try {
      await daemon.#open(isNew)
      return daemon
    } catch (error) {
      await daemon.stop()
      throw error
    }
  }

  private constructor(args: DracdArguments, settings: EffectiveSettings, log: Log, table: RelayTable) {
    this.#args = args
    this.#startedWith = settings
    this.#settings = settings
    this.#log = log
    this.#table = table
    this.#stopLogging = logChanges(log)
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
      const token = readToken(settings.http)
      for (const message of warnings) this.#log.warn({ event: 'settings', message })
      this.#table.setPolicy(policy)
      this.#frontEnds?.http.setToken(token)
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

  /** Answers what is owed, leaves empty maps, closes the store. */
  async stop(): Promise<void> {
    const say = (error: unknown): void => this.#log.error({ event: 'stopping', message: messageOf(error) })
    await this.#portmapper?.close()
    await this.#polls?.close().catch(say)
    await this.#frontEnds?.close().catch(say)
    await this.#housekeeping.close()
    await Promise.all(this.#maps.map((map) => map.close().catch(say)))
    await this.#table.store.close().catch(say)
    this.#stopLogging()
  }

  async #open(isNew: boolean): Promise<void> {
    await prepareTable(this.#table, this.#args, isNew, this.#log)
    this.#maps = await openMaps(this.#settings, this.#table, this.#args.empty)
    this.#frontEnds = await openFrontEnds(
      () => this.#settings,
      this.#table,
      () => this.#status(),
    )
    this.#polls = openPolls(this.#settings.poll, this.#table)
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
    }
  }
}
