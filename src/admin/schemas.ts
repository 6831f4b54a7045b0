// The shapes of the API's requests and answers: what is checked, what is sent, and what the OpenAPI document says.
const text = (maxLength: number, description: string) =>
  ({ type: 'string', minLength: 1, maxLength, description }) as const
const seconds = (description: string) => ({ type: 'integer', description }) as const
const object = <P extends Record<string, object>, R extends keyof P & string>(properties: P, required: readonly R[]) =>
  ({ type: 'object', additionalProperties: false, properties, required }) as const

const EPOCH = 'in seconds since the epoch'
const address = text(64, 'An IPv4 or IPv6 address, in any spelling.')
const network = text(64, 'A network in CIDR notation, 192.0.2.0/24 say: everything inside it.')
const user = text(256, 'The user who logged in.')
const source = text(256, 'Who reported it, from the beginning of the name: "dovecot" finds "dovecot 192.0.2.1".')
const by = text(256, 'Who asks for it, for the audit log.')

export const LIST_QUERY = object(
  {
    text: text(256, 'Part of the address, the source or a user, in any case.'),
    network,
    user,
    source,
    sort: { type: 'string', enum: ['address', 'expires_at', 'last_seen'], description: 'Default: address.' },
    order: { type: 'string', enum: ['asc', 'desc'], default: 'asc', description: 'Of sort.' },
    offset: {
      type: 'integer',
      minimum: 0,
      maximum: 100_000_000,
      description: 'With sort, text or network: where the page begins.',
    },
    after: text(64, 'Without those: the page begins behind this address. What "next" said.'),
    limit: { type: 'integer', minimum: 1, maximum: 10_000, default: 1000, description: 'Entries of a page.' },
  },
  [],
)
export const REVOKE_QUERY = object({ user, source, network, by }, [])
export const BY_QUERY = object({ by }, [])

const lifetime = {
  type: 'integer',
  minimum: 1,
  maximum: 315_360_000,
  description: 'Seconds; never more than max_lifetime.',
} as const
const login = {
  address,
  user,
  source: text(64, 'What reports it.'),
  note: text(256, 'Why; drac show tells it.'),
  lifetime,
}
export const PERMIT = object({ ...login, by }, ['address'])
export const LOGIN = object(
  {
    ...login,
    // "permit by root" is what an administrator's own permission is called, which is in the audit log.
    source: { ...login.source, pattern: '^(?!permit )' },
    kind: {
      type: 'string',
      enum: ['login', 'alive'],
      description: 'alive: still connected, which counts for nothing after a revocation.',
    },
    session: text(200, 'The name of the connection: the address stays authorized until its logout, or its lease ends.'),
    at: { type: 'integer', minimum: 0, maximum: 2 ** 40, description: `When it happened, ${EPOCH}; left out: now.` },
    lease: {
      type: 'integer',
      minimum: 1,
      maximum: 604_800,
      description: 'Seconds that the session counts as open without another word of it.',
    },
  },
  ['address'],
)
export const LOGOUT = object(
  { session: text(200, 'As its login named it.'), source: text(64, 'As its login named it.') },
  ['session'],
)

export const LOGIN_VIEW = object(
  { user, source, last_seen: seconds(`Last login, ${EPOCH}.`), note: { type: 'string' } },
  ['user', 'source', 'last_seen'],
)
export const AUTHORIZATION_VIEW = object(
  {
    address: text(64, 'The address, or the network with its width.'),
    expires_at: seconds(`The last second that may relay, ${EPOCH}.`),
    seconds_left: seconds('0 for one that has expired and awaits the sweep.'),
    first_seen: seconds(EPOCH),
    last_seen: seconds(EPOCH),
    source,
    logins: { type: 'array', items: LOGIN_VIEW },
  },
  ['address', 'expires_at', 'seconds_left', 'first_seen', 'last_seen', 'source', 'logins'],
)
export const SESSION_VIEW = object(
  {
    id: { type: 'string' },
    client: address,
    user,
    source,
    opened_at: seconds(EPOCH),
    lease_until: seconds(`The last second that it counts as open without another word of it, ${EPOCH}.`),
    renews: { type: 'boolean', description: 'Whether it keeps its address authorized now.' },
  },
  ['id', 'client', 'source', 'opened_at', 'lease_until', 'renews'],
)
export const UNSTORED_VIEW = object(
  { reason: { type: 'string' }, source, count: { type: 'integer' }, last_seen: seconds(EPOCH) },
  ['reason', 'source', 'count', 'last_seen'],
)
export const EXPLANATION_VIEW = object(
  {
    address,
    action: { type: 'string', enum: ['permit', 'dunno', 'tempfail'] },
    reason: { type: 'string', description: 'One sentence for people.' },
    authorizations: { type: 'array', items: AUTHORIZATION_VIEW },
    sessions: { type: 'array', items: SESSION_VIEW },
    exempt: { type: 'string' },
    impossible: { type: 'string' },
    revoked_at: seconds(`Reports from before count for nothing, ${EPOCH}.`),
    unstored: UNSTORED_VIEW,
  },
  ['address', 'action', 'reason', 'authorizations', 'sessions'],
)
export const LIST_VIEW = object(
  {
    now: seconds(EPOCH),
    authorizations: { type: 'array', items: AUTHORIZATION_VIEW },
    total: { type: 'integer', description: 'Of all pages; with sort, text, network or offset only.' },
    next: { type: 'string', description: 'What "after" of the next page is; left out on the last.' },
  },
  ['now', 'authorizations'],
)
export const REVOKED_VIEW = object({ revoked: { type: 'array', items: { type: 'string' } } }, ['revoked'])
export const REPORT_VIEW = object(
  {
    status: { type: 'string', enum: ['added', 'renewed', 'ignored', 'refused'] },
    reason: { type: 'string' },
    error: { type: 'string' },
    authorization: AUTHORIZATION_VIEW,
  },
  ['status'],
)
export const ENDED_VIEW = object(
  { status: { type: 'string', enum: ['ended', 'unknown', 'refused'] }, reason: { type: 'string' } },
  ['status'],
)
export const ERROR_VIEW = object({ error: { type: 'string' } }, ['error'])
