// The status page of dracd: everything it shows comes from the admin API, and what is new as it happens.
import { events, explain, history, revoke, status } from './api.js'
import { showHistory } from './chart.js'
import { clock, element } from './format.js'
import { showStatus } from './health.js'
import { startTable } from './table.js'
import { showWhy } from './why.js'

const $ = (selector) => document.querySelector(selector)
const EVENTS_SHOWN = 50
/** Milliseconds for which events are gathered before the list is looked at again. */
const PACE = 250

let now = Date.now() / 1000
let toastTimer

function toast(text) {
  $('#toast').textContent = text
  clearTimeout(toastTimer)
  toastTimer = setTimeout(() => $('#toast').replaceChildren(), 6000)
}
const trouble = (error) => toast(error.message)

async function why(address) {
  $('#address').value = address
  try {
    showWhy($('#why'), await explain(address), now)
  } catch (error) {
    $('#why').replaceChildren(element('p', { class: 'trouble' }, error.message))
  }
}

/** Asks first; Escape and "Keep it" do nothing. */
function askToRevoke({ address, logins }) {
  const users = logins.map(({ user }) => user).filter((user) => user !== '')
  $('#confirm-what').textContent = users.length > 0 ? `${address} (${users.slice(0, 3).join(', ')})` : address
  const dialog = $('#confirm')
  dialog.returnValue = 'cancel'
  dialog.onclose = async () => {
    if (dialog.returnValue !== 'revoke') return
    try {
      const { revoked } = await revoke(address)
      toast(revoked.length > 0 ? `Revoked ${revoked.join(', ')}` : `${address} had no authorization any more`)
    } catch (error) {
      trouble(error)
    }
    await refresh()
  }
  dialog.showModal()
}

const refresh = startTable(
  askToRevoke,
  (address) => void why(address).then(() => $('#why').scrollIntoView({ block: 'nearest' })),
  trouble,
)

async function refreshHealth() {
  try {
    const view = await status()
    now = view.now
    showStatus($('#summary'), $('#health'), view)
    showHistory($('#charts'), await history(), view.now)
  } catch (error) {
    $('#summary').textContent = `dracd does not answer: ${error.message}`
    $('#summary').className = 'trouble'
  }
}

/** The timer of the next look at the list. */
let due
function heard({ event, at, address, ...rest }) {
  const details = Object.entries(rest).flatMap(([name, value]) => (name === 'expires_at' ? [] : [`${name}=${value}`]))
  const line = element(
    'li',
    { class: event },
    element('time', { datetime: new Date(at * 1000).toISOString() }, clock(at)),
    ` ${event} `,
    element('strong', {}, address ?? ''),
    ` ${details.join(' ')}`,
  )
  $('#events').prepend(line)
  while ($('#events').children.length > EVENTS_SHOWN) $('#events').lastElementChild.remove()
  if (due !== undefined) return
  due = setTimeout(() => {
    due = undefined
    void refresh()
  }, PACE)
}

$('#ask').addEventListener('submit', (event) => {
  event.preventDefault()
  void why($('#address').value.trim())
})
void refresh()
void refreshHealth()
setInterval(refreshHealth, 5000)
let wasConnected
events(heard, (connected) => {
  document.body.classList.toggle('stale', !connected)
  if (connected && wasConnected === false) void refresh()
  wasConnected = connected
})
