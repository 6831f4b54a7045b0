// Who may relay now: a page of the list, its search, its order, and the seconds that run down.
import { authorizations } from './api.js'
import { clock, day, duration, element, plural } from './format.js'

const ROWS = 100
const $ = (selector) => document.querySelector(selector)

/** What is shown. `skew`: dracd's clock less ours, in seconds. */
const shown = { offset: 0, total: 0, skew: 0, entries: [], known: undefined }

/** @param revoke called with the entry whose button was pressed @param explain called with an address */
export function startTable(revoke, explain, trouble) {
  const body = $('#table tbody')
  const show = () => render(body, revoke, explain)
  let running
  let again = false

  /** One request at a time; what is asked meanwhile is asked once, afterwards. */
  async function refresh() {
    if (running) {
      again = true
      return running
    }
    running = load()
      .then(show, trouble)
      .finally(() => {
        running = undefined
        if (!again) return
        again = false
        void refresh()
      })
    return running
  }

  const fromStart = () => {
    shown.offset = 0
    shown.known = undefined
    void refresh()
  }
  let typing
  $('#text').addEventListener('input', () => {
    clearTimeout(typing)
    typing = setTimeout(fromStart, 150)
  })
  $('#filter').addEventListener('submit', (event) => {
    event.preventDefault()
    fromStart()
  })
  $('#sort').addEventListener('change', fromStart)
  const turn = (pages) => () => {
    shown.offset = Math.max(0, shown.offset + pages * ROWS)
    shown.known = undefined
    void refresh()
  }
  $('#previous').addEventListener('click', turn(-1))
  $('#next').addEventListener('click', turn(1))
  setInterval(() => tick(body, refresh), 1000)
  return refresh
}

async function load() {
  const page = await authorizations({
    text: $('#text').value.trim(),
    sort: $('#sort').value,
    offset: shown.offset,
    limit: ROWS,
  })
  if (page.authorizations.length === 0 && shown.offset > 0) {
    shown.offset = Math.max(0, Math.floor((page.total - 1) / ROWS) * ROWS)
    return load()
  }
  shown.skew = page.now - Date.now() / 1000
  shown.total = page.total
  shown.entries = page.authorizations
}

const now = () => Date.now() / 1000 + shown.skew

function render(body, revoke, explain) {
  const focused = document.activeElement?.closest('tr')?.dataset.address
  body.replaceChildren(...shown.entries.map((entry) => row(entry, revoke, explain)))
  shown.known = new Set(shown.entries.map(({ address }) => address))
  if (focused) body.querySelector(`tr[data-address="${CSS.escape(focused)}"] button.danger`)?.focus()
  const pages = Math.max(1, Math.ceil(shown.total / ROWS))
  $('#count').textContent =
    shown.total === 0
      ? $('#text').value.trim() === ''
        ? 'Nobody may relay by a login now.'
        : 'Nothing matches.'
      : plural(shown.total, 'address', 'addresses')
  $('#pages').hidden = pages === 1
  $('#page').textContent = `Page ${shown.offset / ROWS + 1} of ${pages}`
  $('#previous').disabled = shown.offset === 0
  $('#next').disabled = shown.offset + ROWS >= shown.total
}

function row(entry, revoke, explain) {
  const { address, logins, source, last_seen, expires_at } = entry
  const users = logins.map(({ user }) => user).filter((user) => user !== '')
  const isNew = shown.known !== undefined && !shown.known.has(address)
  return element(
    'tr',
    { 'data-address': address, 'data-expires': expires_at, class: isNew ? 'new' : undefined },
    element(
      'th',
      { scope: 'row' },
      element('button', { type: 'button', class: 'link', title: 'Why?', click: () => explain(address) }, address),
    ),
    cell(
      'User',
      users.length > 3 ? `${users.slice(0, 3).join(', ')} and ${users.length - 3} more` : users.join(', ') || '–',
    ),
    cell('Reported by', source),
    cell(
      'Last login',
      element('time', { datetime: new Date(last_seen * 1000).toISOString(), title: day(last_seen) }, clock(last_seen)),
    ),
    cell(
      'Time left',
      element('span', { class: 'left', title: `until ${day(expires_at)}` }, duration(expires_at + 1 - now())),
    ),
    cell(
      '',
      element(
        'button',
        { type: 'button', class: 'danger', 'aria-label': `Revoke ${address}`, click: () => revoke(entry) },
        'Revoke',
      ),
    ),
  )
}

const cell = (label, content) => element('td', label === '' ? {} : { 'data-label': label }, content)

/** Counts down; what has run out is asked after. The second of the expiry itself still permits. */
function tick(body, refresh) {
  let expired = false
  for (const each of body.rows) {
    const left = Number(each.dataset.expires) + 1 - now()
    each.querySelector('.left').textContent = duration(left)
    if (left <= 0) expired = true
  }
  if (expired) void refresh()
}
