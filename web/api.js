// Requests to dracd. The browser carries the token, as the password that it asked for.

/** Rejects with an Error that says what dracd said. */
export async function ask(path, { method = 'GET', body } = {}) {
  const json = body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const reply = await fetch(path, { method, ...json })
  const answer = await reply.json().catch(() => ({}))
  if (!reply.ok) throw new Error(answer.error ?? `dracd answered ${reply.status}`)
  return answer
}

/** A page of what is authorized, as the schema of GET /v1/authorizations has it. */
export function authorizations({ text, sort, offset, limit }) {
  const [column, order] = sort.split(' ')
  const query = new URLSearchParams({ sort: column, order, offset, limit })
  if (text !== '') query.set('text', text)
  return ask(`/v1/authorizations?${query}`)
}

export const explain = (address) => ask(`/v1/authorizations/${encodeURIComponent(address)}`)
export const revoke = (address) =>
  ask(`/v1/authorizations/${encodeURIComponent(address)}?by=page`, { method: 'DELETE' })
export const status = () => ask('/v1/status')
export const history = () => ask('/v1/history')

/** Calls `heard` for each event; `connected(true or false)` tells whether the stream is there. The browser reconnects. */
export function events(heard, connected) {
  const source = new EventSource('/v1/events')
  source.onmessage = ({ data }) => heard(JSON.parse(data))
  source.onopen = () => connected(true)
  source.onerror = () => connected(false)
}
