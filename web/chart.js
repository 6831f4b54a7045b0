// The last 24 hours as bars: logins by source, look-ups by verdict. Each picture stands beside a table of the same numbers.
import { clock, element, number } from './format.js'

const HEIGHT = 120
const HOURS = 24

/** @param view what GET /v1/history says @param at seconds since the epoch */
export function showHistory(target, { slice_seconds, slices }, at) {
  const last = at - (at % slice_seconds)
  const count = (HOURS * 3600) / slice_seconds
  const first = last - (count - 1) * slice_seconds
  const bySource = {}
  for (const { logins } of slices)
    for (const [source, n] of Object.entries(logins)) bySource[source] = (bySource[source] ?? 0) + n
  const sources = Object.keys(bySource).sort((a, b) => bySource[b] - bySource[a])
  const kept = sources.slice(0, 5)
  const series = kept.map((source) => [source, ({ logins }) => logins[source] ?? 0])
  if (sources.length > kept.length)
    series.push([
      'other',
      ({ logins }) => Object.entries(logins).reduce((sum, [name, n]) => sum + (kept.includes(name) ? 0 : n), 0),
    ])
  const verdicts = [
    ['relays permitted', ({ permitted }) => permitted],
    ['not permitted', ({ refused }) => refused],
    ['told to try again', ({ tempfailed }) => tempfailed],
  ]
  const frame = { first, count, slice_seconds, slices }
  target.replaceChildren(
    figure('Logins reported, by source', series.length > 0 ? series : [['logins', () => 0]], frame, 'logins'),
    figure('Look-ups by mail servers', verdicts, frame, 'lookups'),
  )
}

function figure(title, series, frame, kind) {
  const totals = series.map(([, value]) => frame.slices.reduce((sum, slice) => sum + value(slice), 0))
  const legend = element(
    'ul',
    { class: 'legend' },
    ...series.map(([name], i) =>
      element(
        'li',
        {},
        element('span', { class: `swatch ${kind}-${i}`, 'aria-hidden': 'true' }),
        `${name}: ${number(totals[i])}`,
      ),
    ),
  )
  return element(
    'figure',
    {},
    element('figcaption', {}, title),
    bars(title, series, frame, kind),
    legend,
    numbers(title, series, frame),
  )
}

function bars(title, series, { first, count, slice_seconds, slices }, kind) {
  const total = (slice) => series.reduce((sum, [, value]) => sum + value(slice), 0)
  const top = Math.max(1, ...slices.map(total))
  const svg = element('svg:svg', {
    viewBox: `0 0 ${count} ${HEIGHT}`,
    preserveAspectRatio: 'none',
    role: 'img',
    'aria-label': `${title}; at most ${number(top)} in ${slice_seconds / 60} minutes`,
  })
  for (const slice of slices) {
    const x = (slice.from - first) / slice_seconds
    if (x < 0 || x >= count) continue
    let y = HEIGHT
    for (const [i, [, value]] of series.entries()) {
      const height = (value(slice) / top) * (HEIGHT - 2)
      if (height === 0) continue
      y -= height
      svg.append(element('svg:rect', { x: x + 0.1, y, width: 0.8, height, class: `${kind}-${i}` }))
    }
  }
  const axis = element(
    'p',
    { class: 'axis', 'aria-hidden': 'true' },
    element('span', {}, '24 h ago'),
    element('span', {}, `up to ${number(top)} in ${slice_seconds / 60} min`),
    element('span', {}, 'now'),
  )
  return element('div', {}, svg, axis)
}

/** Hours in which something was counted. */
function numbers(title, series, { slices }) {
  const hours = new Map()
  for (const slice of slices) {
    const hour = slice.from - (slice.from % 3600)
    const sums = hours.get(hour) ?? series.map(() => 0)
    hours.set(
      hour,
      sums.map((sum, i) => sum + series[i][1](slice)),
    )
  }
  const head = element(
    'tr',
    {},
    element('th', { scope: 'col' }, 'Hour from'),
    ...series.map(([name]) => element('th', { scope: 'col' }, name)),
  )
  const rows = [...hours].map(([hour, sums]) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, clock(hour)),
      ...sums.map((sum) => element('td', {}, number(sum))),
    ),
  )
  return element(
    'details',
    {},
    element('summary', {}, 'As numbers'),
    element(
      'div',
      { class: 'wide', tabindex: '0', role: 'region', 'aria-label': `${title}, as numbers` },
      element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows)),
    ),
  )
}
