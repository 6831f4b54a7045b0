// Metrics in the text format of Prometheus.
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Verdict } from '../core/verdict.ts'
import type { StatusView } from './status.ts'

/** Seconds. A look-up takes microseconds, a commit the time of a disk's sync. */
const LOOKUP_BUCKETS = [0.00001, 0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 1]
const COMMIT_BUCKETS = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3]

export type Observe = (verdict: Verdict['action'] | 'tempfail', seconds: number) => void

/** Everything that is counted elsewhere is read when Prometheus asks; only times are noted as they happen. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #lookups: Counter<'protocol' | 'verdict'>
  readonly #lookupSeconds: Histogram<'protocol'>
  readonly #commitSeconds: Histogram
  readonly #commitWrites: Counter

  constructor(status: () => StatusView) {
    const registers = [this.#registry]
    this.#lookups = new Counter({
      name: 'drac_lookups_total',
      help: 'Look-ups by mail servers.',
      labelNames: ['protocol', 'verdict'],
      registers,
    })
    this.#lookupSeconds = new Histogram({
      name: 'drac_lookup_seconds',
      help: 'Time that a look-up in the relay table took.',
      labelNames: ['protocol'],
      buckets: LOOKUP_BUCKETS,
      registers,
    })
    this.#commitSeconds = new Histogram({
      name: 'drac_commit_seconds',
      help: 'Time from the beginning of a commit until it was on the disk.',
      buckets: COMMIT_BUCKETS,
      registers,
    })
    this.#commitWrites = new Counter({ name: 'drac_commit_writes_total', help: 'Writes in those commits.', registers })
    for (const metric of READ_WHEN_ASKED) metric(this.#registry, status)
  }

  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE

  render(): Promise<string> {
    return this.#registry.metrics()
  }

  /** What the front end of one protocol tells each look-up to. */
  lookups(protocol: string): Observe {
    const seconds = this.#lookupSeconds.labels({ protocol })
    const verdicts = {
      permit: this.#lookups.labels({ protocol, verdict: 'permit' }),
      dunno: this.#lookups.labels({ protocol, verdict: 'dunno' }),
      tempfail: this.#lookups.labels({ protocol, verdict: 'tempfail' }),
    }
    return (verdict, time) => {
      verdicts[verdict].inc()
      seconds.observe(time)
    }
  }

  commit(seconds: number, writes: number): void {
    this.#commitSeconds.observe(seconds)
    this.#commitWrites.inc(writes)
  }
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number]
type Read = (registry: Registry, status: () => StatusView) => void

/** @param read samples as of now; a label value that is gone is no longer shown */
function read(
  kind: typeof Gauge | typeof Counter,
  name: string,
  help: string,
  labelNames: readonly string[],
  samples: (view: StatusView) => readonly Sample[],
): Read {
  return (registry, status) => {
    new kind({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset()
        for (const [labels, value] of samples(status())) this.inc(labels, value)
      },
    })
  }
}
const one =
  (value: (view: StatusView) => number): ((view: StatusView) => readonly Sample[]) =>
  (view) => [[{}, value(view)]]
const by =
  (label: string, counts: (view: StatusView) => Readonly<Record<string, number>>) =>
  (view: StatusView): readonly Sample[] =>
    Object.entries(counts(view)).map(([name, count]) => [{ [label]: name }, count])

const READ_WHEN_ASKED: readonly Read[] = [
  read(Gauge, 'drac_info', 'The version that runs.', ['version'], ({ version }) => [[{ version }, 1]]),
  read(
    Gauge,
    'drac_start_time_seconds',
    'When it started, since the epoch.',
    [],
    one((view) => view.started_at),
  ),
  read(
    Gauge,
    'drac_store_up',
    '1 while the relay table can be read and written.',
    [],
    one(({ store }) => (store.state === 'up' ? 1 : 0)),
  ),
  read(
    Gauge,
    'drac_entries',
    'Stored entries, expired ones that await the sweep included.',
    [],
    one((view) => view.entries ?? Number.NaN),
  ),
  read(
    Gauge,
    'drac_max_entries',
    'Entries that may be stored.',
    [],
    one((view) => view.max_entries),
  ),
  read(
    Gauge,
    'drac_sessions',
    'Connections that were reported and have not ended.',
    [],
    one((view) => view.sessions),
  ),
  read(
    Counter,
    'drac_reports_total',
    'Reports, by source and what became of them.',
    ['source', 'result'],
    ({ counters }) =>
      Object.entries(counters.reports).flatMap(([source, results]) =>
        Object.entries(results).map(([result, count]): Sample => [{ source, result: result.split(' ', 1)[0]! }, count]),
      ),
  ),
  read(
    Counter,
    'drac_refused_total',
    'Reports that were refused, by reason.',
    ['reason'],
    by('reason', ({ counters }) => counters.refused),
  ),
  read(
    Counter,
    'drac_ignored_total',
    'Reports that were accepted and stored nowhere, by reason.',
    ['reason'],
    by('reason', ({ counters }) => counters.ignored),
  ),
  read(
    Counter,
    'drac_not_stored_total',
    'Reports that the store could not keep.',
    [],
    one(({ counters }) => counters.storeFailures),
  ),
  read(
    Counter,
    'drac_renewals_total',
    'Authorizations made to last, by reports and by open sessions.',
    [],
    one(({ counters }) => counters.renewed),
  ),
  read(
    Counter,
    'drac_expired_total',
    'Authorizations that expired.',
    [],
    one(({ counters }) => counters.expired),
  ),
  read(
    Counter,
    'drac_revoked_total',
    'Authorizations that were revoked.',
    [],
    one(({ counters }) => counters.revoked),
  ),
  read(
    Counter,
    'drac_sessions_ended_total',
    'Sessions whose end was reported.',
    [],
    one(({ counters }) => counters.loggedOut),
  ),
  read(
    Gauge,
    'drac_map_lag_seconds',
    'Seconds since the oldest change that is not in the map file.',
    ['path'],
    ({ maps }) => maps.map(({ path, lag }): Sample => [{ path }, lag]),
  ),
  read(Gauge, 'drac_map_entries', 'Entries in the map file.', ['path'], ({ maps }) =>
    maps.map(({ path, entries }): Sample => [{ path }, entries]),
  ),
  read(Gauge, 'drac_map_up', '1 while the map file can be written and its command succeeds.', ['path'], ({ maps }) =>
    maps.map(({ path, error }): Sample => [{ path }, error === undefined ? 1 : 0]),
  ),
  read(Gauge, 'drac_log_up', '1 while the log can be followed.', ['log'], ({ logs }) =>
    logs.map(({ log, error }): Sample => [{ log }, error === undefined ? 1 : 0]),
  ),
  read(Counter, 'drac_log_lines_total', 'Lines read.', ['log'], ({ logs }) =>
    logs.map(({ log, lines }): Sample => [{ log }, lines]),
  ),
  read(Counter, 'drac_log_events_total', 'Logins and logouts read from it.', ['log'], ({ logs }) =>
    logs.map(({ log, events }): Sample => [{ log }, events]),
  ),
  read(Gauge, 'drac_log_behind_bytes', 'Bytes of the file that are not read yet.', ['log'], ({ logs }) =>
    logs.flatMap(({ log, behind }): Sample[] => (behind === undefined ? [] : [[{ log }, behind]])),
  ),
  read(Gauge, 'drac_poll_up', '1 while the server answers who is connected.', ['poll'], ({ polls }) =>
    polls.map(({ from, error }): Sample => [{ poll: from }, error === null ? 1 : 0]),
  ),
  read(Gauge, 'drac_poll_connections', 'Connections that the last poll listed.', ['poll'], ({ polls }) =>
    polls.map(({ from, connections }): Sample => [{ poll: from }, connections]),
  ),
  read(
    Gauge,
    'drac_expiry_lag_seconds',
    'Seconds since the table was last looked through for what has expired; look-ups compare the expiry themselves.',
    [],
    one((view) => view.expiry_lag),
  ),
  read(
    Gauge,
    'drac_forwarding_portmapper',
    '1 while the portmapper makes calls for strangers.',
    [],
    one(({ portmapper }) => (portmapper.forwards ? 1 : 0)),
  ),
  read(
    Counter,
    'process_cpu_seconds_total',
    'Processor time.',
    [],
    one(() => {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1e6
    }),
  ),
  read(
    Gauge,
    'process_resident_memory_bytes',
    'Memory.',
    [],
    one(() => process.memoryUsage.rss()),
  ),
]
