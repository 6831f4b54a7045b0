// The summary line, and what is well or not: store, sources, maps, look-ups.
import { duration, element, number, plural } from './format.js'

/** @param view what GET /v1/status says */
export function showStatus(summary, list, view) {
  const items = [
    ...store(view),
    ...reports(view),
    ...logs(view),
    ...polls(view),
    ...maps(view),
    ...lookups(view),
    ...portmapper(view),
  ]
  const bad = items.filter(([state]) => state !== 'good').length
  summary.replaceChildren(
    element('span', { class: `dot ${bad === 0 ? 'good' : 'bad'}`, 'aria-hidden': 'true' }),
    ` ${bad === 0 ? 'All is well' : plural(bad, 'thing needs attention', 'things need attention')}: dracd ${view.version}, up ${duration(view.now - view.started_at)}, ` +
      `${plural(view.sessions, 'open session')}, ${view.rates.reports} reports and ${view.rates.lookups} look-ups a second`,
  )
  summary.className = bad === 0 ? '' : 'trouble'
  list.replaceChildren(
    ...items.map(([state, name, text]) =>
      element(
        'li',
        { class: state },
        element('span', { class: `dot ${state}`, 'aria-hidden': 'true' }),
        element('strong', {}, name),
        ` ${state === 'good' ? '' : 'Attention: '}${text}`,
      ),
    ),
    endpoints(view),
  )
}

const store = ({ store, entries, max_entries, lifetime, now }) => [
  store.state === 'up'
    ? [
        entries >= max_entries ? 'bad' : 'good',
        'Relay table',
        `${number(entries)} of at most ${number(max_entries)} entries; a login permits for ${duration(lifetime)}`,
      ]
    : [
        'bad',
        'Relay table',
        `down for ${duration(now - store.since)}: ${store.reason}; mail servers are told to try again`,
      ],
]

function reports({ counters }) {
  const sum = (counts) => Object.values(counts).reduce((a, b) => a + b, 0)
  const named = (counts) =>
    Object.entries(counts).flatMap(([reason, count]) => (count > 0 ? [`${number(count)} ${reason}`] : []))
  const away = [...named(counters.ignored), ...named(counters.refused)]
  const text = `${number(counters.added)} new, ${number(counters.renewed)} renewed, ${number(sum(counters.ignored))} ignored, ${number(sum(counters.refused))} refused`
  const items = [['good', 'Reports', away.length > 0 ? `${text} (${away.join(', ')})` : text]]
  if (counters.storeFailures > 0)
    items.push(['bad', 'Reports', `${number(counters.storeFailures)} could not be stored`])
  return items
}

const logs = ({ logs, now }) =>
  logs.map(({ log, error, waiting, lines, events, last_event_at, behind }) => [
    error ? 'bad' : 'good',
    `Log ${log}`,
    error ??
      (waiting
        ? 'waiting for the file'
        : `${plural(lines, 'line')}, ${plural(events, 'login or logout', 'logins and logouts')}, ` +
          `the last ${last_event_at === undefined ? 'never' : `${duration(now - last_event_at)} ago`}${behind ? `, ${number(behind)} bytes behind` : ''}`),
  ])
const polls = ({ polls, now }) =>
  polls.map(({ from, error, failures, connections, polled_at }) => [
    error ? 'bad' : 'good',
    `Poll ${from}`,
    error
      ? `${error}, ${plural(failures, 'time')} in a row`
      : polled_at === null
        ? 'no answer yet'
        : `${plural(connections, 'connection')}, ${duration(now - polled_at)} ago`,
  ])
const maps = ({ maps }) =>
  maps.map(({ path, format, entries, lag, error }) => [
    error || lag > 60 ? 'bad' : 'good',
    `Map ${path}`,
    error ?? `${format}, ${plural(entries, 'entry', 'entries')}${lag > 0 ? `, ${duration(lag)} behind` : ''}`,
  ])
const lookups = ({ counters: { lookups } }) => [
  [
    lookups.tempfail > 0 ? 'bad' : 'good',
    'Look-ups',
    `${number(lookups.permit)} permitted, ${number(lookups.dunno)} not, ${number(lookups.tempfail)} told to try again`,
  ],
]
const portmapper = ({ portmapper: { mode, forwards, reason } }) => [
  [forwards ? 'bad' : 'good', 'Portmapper', `${mode}${reason ? `: ${reason}` : ''}`],
]

const endpoints = ({ endpoints }) =>
  element(
    'li',
    {},
    element(
      'details',
      {},
      element('summary', {}, 'Where dracd listens'),
      element(
        'dl',
        {},
        ...Object.entries(endpoints).flatMap(([name, list]) => [
          element('dt', {}, name),
          element('dd', {}, list.join(', ')),
        ]),
      ),
    ),
  )
