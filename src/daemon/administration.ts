// What administrators see and do: the control socket, and over HTTP the admin API, the status page and the metrics.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { adminRoutes } from '../admin/api.ts'
import { audits } from '../admin/audit.ts'
import { History, type HistoryView } from '../admin/history.ts'
import type { Metrics } from '../admin/metrics.ts'
import { pageRoutes } from '../admin/page.ts'
import type { StatusView } from '../admin/status.ts'
import type { RelayTable } from '../core/relay-table.ts'
import { messageOf } from '../lib/errors.ts'
import { httpApp } from '../net/http.ts'
import { AuditLog } from './audit-log.ts'
import type { Log } from './log.ts'
import type { Settings } from './settings/schema.ts'
import { VERSION } from './version.ts'

const HISTORY_FILE = 'history.json'
const SAVE_MS = 600_000
const TURN_MS = 5000

/** Made of what is only there when HTTP is served: prom-client takes a while to load. */
export const loadMetrics = async (settings: Settings, status: () => StatusView): Promise<Metrics | undefined> =>
  settings.http.listen.length === 0 ? undefined : new (await import('../admin/metrics.ts')).Metrics(status)

export class Administration {
  readonly metrics: Metrics | undefined
  readonly #table: RelayTable
  readonly #log: Log
  readonly #history: History
  readonly #historyPath: string
  readonly #auditLog: AuditLog
  readonly #status: () => StatusView
  readonly #timers: readonly NodeJS.Timeout[]
  readonly #onAudit = (message: unknown): void => this.#auditLog.write(message as Parameters<AuditLog['write']>[0])

  constructor(settings: Settings, table: RelayTable, log: Log, status: () => StatusView, metrics: Metrics | undefined) {
    this.metrics = metrics
    this.#table = table
    this.#log = log
    this.#status = status
    this.#history = new History(table.counters, () => table.now())
    this.#historyPath = join(settings.state_directory, HISTORY_FILE)
    this.#auditLog = new AuditLog(settings.audit_file, log)
    this.#restore()
    audits.subscribe(this.#onAudit)
    this.#timers = [
      setInterval(() => this.#save(), SAVE_MS).unref(),
      setInterval(() => this.#history.turn(), TURN_MS).unref(),
    ]
  }

  /** An application for the control socket. */
  controlApi(): FastifyInstance {
    const app = httpApp()
    this.#addApi(app)
    return app
  }

  /** For the HTTP endpoint. */
  readonly routes = (app: FastifyInstance): void => {
    this.#addApi(app)
    pageRoutes(app)
    const { metrics } = this
    if (metrics)
      app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.render()))
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer)
    audits.unsubscribe(this.#onAudit)
    this.#save()
  }

  #addApi(app: FastifyInstance): void {
    adminRoutes(app, { table: this.#table, version: VERSION, status: this.#status, history: this.#history })
  }

  /** A picture for people: without it the daemon runs as well. */
  #restore(): void {
    try {
      this.#history.restore(JSON.parse(readFileSync(this.#historyPath, 'utf8')) as HistoryView)
    } catch {
      // none yet, or none that can be read: it begins anew
    }
  }

  #save(): void {
    try {
      writeFileSync(this.#historyPath, JSON.stringify(this.#history.view()), { mode: 0o640 })
    } catch (error) {
      this.#log.debug({ event: 'history', path: this.#historyPath, message: messageOf(error) })
    }
  }
}
