// drac status: is everything well?
import type { Command } from 'commander'
import type { LogStatusView, MapStatusView, PollView, StatusView } from '../../daemon/control-views.ts'
import { formatDuration } from '../../lib/duration.ts'
import { ask, type CommonOptions, common, print } from './context.ts'
import { ago, grouped, plural, printable } from './text.ts'

export const addStatus = (program: Command): Command =>
  common(program.command('status')).description('endpoints, counts, rates, map files, health').action(status)

async function status(options: CommonOptions): Promise<void> {
  const { body } = await ask(options, 'GET', '/v1/status')
  print(options, body, () => describe(body as StatusView).map(printable))
}

const line = (label: string, text: string): string => `${label.padEnd(12)}${text}`

function describe(view: StatusView): string[] {
  const { counters, store } = view
  const { refused, ignored, lookups } = counters
  return [
    `dracd ${view.version}, process ${view.pid}, up ${formatDuration(view.now - view.started_at)}`,
    line(
      'store',
      store.state === 'up'
        ? `up, ${store.path}`
        : `DOWN for ${formatDuration(view.now - store.since)}: ${store.reason}`,
    ),
    line(
      'entries',
      `${view.entries === null ? 'unknown' : grouped(view.entries)} of at most ${grouped(view.max_entries)}, each for ${formatDuration(view.lifetime)}`,
    ),
    line(
      'reports',
      `${grouped(counters.added)} new, ${grouped(counters.renewed)} renewed; ${view.rates.reports} a second in the last minute`,
    ),
    line('', `ignored: ${ignoredText(ignored)}`),
    line(
      '',
      `refused: ${grouped(refused['untrusted-reporter'])} not trusted, ${grouped(refused['table-full'])} table full${refused['forwarding-portmapper'] ? `, ${grouped(refused['forwarding-portmapper'])} through a forwarding portmapper` : ''}`,
    ),
    ...(counters.storeFailures ? [line('', `NOT STORED: ${grouped(counters.storeFailures)}`)] : []),
    line('sessions', `${grouped(view.sessions)} open, ${grouped(counters.loggedOut)} ended`),
    line(
      'look-ups',
      `${grouped(lookups.permit)} permitted, ${grouped(lookups.dunno)} not; ${view.rates.lookups} a second in the last minute`,
    ),
    ...(lookups.tempfail ? [line('', `told to try again: ${grouped(lookups.tempfail)}`)] : []),
    line('ended', `${grouped(counters.expired)} expired, ${grouped(counters.revoked)} revoked`),
    ...view.maps.flatMap((map) => mapLines(map, view.now)),
    ...view.polls.flatMap((poll) => pollLines(poll, view.now)),
    ...view.logs.flatMap((log) => logLines(log, view.now)),
    ...Object.entries(view.endpoints).flatMap(([name, endpoints]) =>
      endpoints.map((text, i) => line(i === 0 ? name : '', text)),
    ),
    line('portmapper', `${view.portmapper.mode}${view.portmapper.reason ? `: ${view.portmapper.reason}` : ''}`),
    ...(view.portmapper.forwards
      ? [line('', 'IT FORWARDS CALLS FOR STRANGERS: this host is not believed over UDP')]
      : []),
  ]
}

/** The usual two always, the others when there are any. */
const ignoredText = (ignored: StatusView['counters']['ignored']): string =>
  Object.entries(ignored)
    .filter(([reason, count]) => count > 0 || reason === 'exempt' || reason === 'impossible')
    .map(([reason, count]) => `${grouped(count)} ${reason}`)
    .join(', ')

function pollLines(poll: PollView, now: number): string[] {
  const last =
    poll.polled_at === null ? 'no answer yet' : `${plural(poll.connections, 'connection')} ${ago(poll.polled_at, now)}`
  const failing = `FAILING (${plural(poll.failures, 'poll')}): ${poll.error}`
  return [
    line('poll', `${poll.from}, every ${formatDuration(poll.interval)}`),
    line('', last),
    ...(poll.error === null ? [] : [line('', failing)]),
  ]
}

function mapLines(map: MapStatusView, now: number): string[] {
  const written = typeof map.written_at === 'number' ? `written ${ago(map.written_at, now)}` : 'not written yet'
  const lag = map.lag > 0 ? `, ${formatDuration(map.lag)} behind` : ''
  return [
    line('map', map.path),
    line('', `${map.format}, ${plural(map.entries, 'entry', 'entries')}, ${written}${lag}`),
    ...(map.error ? [line('', `FAILING: ${map.error}`)] : []),
  ]
}

function logLines(log: LogStatusView, now: number): string[] {
  const last = log.last_event_at === undefined ? 'none yet' : `the last ${ago(log.last_event_at, now)}`
  const behind = log.behind ? `, ${grouped(log.behind)} bytes behind` : ''
  const overlong = log.overlong > 0 ? `, ${grouped(log.overlong)} too long` : ''
  return [
    line('log', `${log.log}${log.servers.length > 0 ? `, of ${log.servers.join(', ')}` : ''}`),
    line(
      '',
      log.waiting && !log.error
        ? 'waiting for the file'
        : `${plural(log.lines, 'line', 'lines')}${overlong}, ${plural(log.events, 'event', 'events')}, ${last}${behind}`,
    ),
    ...(log.error ? [line('', `FAILING: ${log.error}`)] : []),
  ]
}
