import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect, test } from 'vitest'
import type { AddResult, EndResult, LoginEvent, LogoutEvent } from '../../core/login-event.ts'
import { parseAddress } from '../../lib/address.ts'
import { configError, tempfail } from '../../lib/errors.ts'
import { type Reports, WhosonLogins } from './logins.ts'

const CLIENT = parseAddress('192.0.2.5')
const POPD = parseAddress('198.51.100.1')
const STRANGER = parseAddress('203.0.113.9')
const authorization = { key: CLIENT as never, expiresAt: 2, firstSeen: 1, lastSeen: 1, source: 'whoson' }

interface Seen {
  added: LoginEvent[]
  withdrawn: LogoutEvent[]
}
function fake(add: AddResult, end: EndResult = { status: 'ended' }): Reports & Seen {
  const seen: Seen = { added: [], withdrawn: [] }
  return {
    ...seen,
    add: async (event) => {
      seen.added.push(event)
      return add
    },
    withdraw: async (event) => {
      seen.withdrawn.push(event)
      return end
    },
    logout: async () => {
      throw new Error('a WHOSON logout leaves nothing')
    },
    trusts: (reporter) => reporter === POPD,
  }
}
const login = (logins: WhosonLogins, identity = 'alice'): Promise<string> =>
  logins.answer({ verb: 'LOGIN', client: CLIENT, identity }, POPD).then(String)
const logout = (logins: WhosonLogins): Promise<string> =>
  logins.answer({ verb: 'LOGOUT', client: CLIENT }, POPD).then(String)

test.each<[string, AddResult]>([
  ['+LOGIN OK', { status: 'added', authorization }],
  ['+LOGIN OK', { status: 'renewed', authorization }],
  ['+LOGIN OK', { status: 'ignored', reason: 'exempt' }],
  ['+LOGIN OK', { status: 'ignored', reason: 'impossible' }],
  ['*Access denied', { status: 'refused', reason: 'untrusted-reporter' }],
  ['*Access denied', { status: 'refused', reason: 'forwarding-portmapper' }],
  ['*too many logins, try again later', { status: 'refused', reason: 'table-full' }],
])('LOGIN: %s for %j', async (reply, result) => {
  expect(await login(new WhosonLogins(fake(result), () => 0))).toBe(`${reply}\r\n\r\n`)
})

test.each<[string, EndResult]>([
  ['+LOGOUT record deleted', { status: 'ended' }],
  ['+LOGOUT no such record, nothing done', { status: 'unknown' }],
  ['*Access denied', { status: 'refused', reason: 'untrusted-reporter' }],
])('LOGOUT: %s for %j', async (reply, result) => {
  const logins = new WhosonLogins(fake({ status: 'added', authorization }, result), () => 0)
  expect(await logout(logins)).toBe(`${reply}\r\n\r\n`)
})

test('what the relay table hears', async () => {
  const reports = fake({ status: 'added', authorization })
  const logins = new WhosonLogins(reports, () => 0)
  await login(logins, 'alice @ home')
  await login(logins, '')
  await login(logins, 'é'.repeat(200))
  await logins.answer({ verb: 'LOGOUT', client: CLIENT }, 'local')
  const event = { client: CLIENT, reporter: POPD, via: 'whoson', session: { id: CLIENT, kind: 'held' } }
  expect(reports.added).toEqual([{ ...event, user: 'alice @ home' }, event, { ...event, user: 'é'.repeat(128) }])
  expect(reports.withdrawn).toEqual([{ reporter: 'local', via: 'whoson', session: CLIENT }])
})

test.each([tempfail('DRAC_STORE_DOWN', 'no'), new TypeError('x is undefined'), configError('X', 'no')])(
  'try later: %s',
  async (error) => {
    const failing = async (): Promise<never> => {
      throw error
    }
    const logins = new WhosonLogins(
      { ...fake({ status: 'added', authorization }), add: failing, withdraw: failing },
      () => {
        throw error
      },
    )
    for (const reply of [
      await login(logins),
      await logout(logins),
      String(await logins.answer({ verb: 'LIST' }, POPD)),
    ])
      expect(reply).toBe('*logins cannot be kept, try again later\r\n\r\n')
  },
)

test('LIST counts, for those who may report', async () => {
  const logins = new WhosonLogins(fake({ status: 'added', authorization }), () => 7)
  await login(logins)
  await login(logins)
  await logout(logins)
  expect(String(await logins.answer({ verb: 'LIST' }, STRANGER))).toBe('*Access denied\r\n\r\n')
  expect(String(await logins.answer({ verb: 'LIST' }, 'local'))).toBe(
    '+entries 7\r\nlogins 2\r\nlogouts 1\r\ndenied 1\r\n\r\n',
  )
})

test('what is refused is told', async () => {
  const told: unknown[] = []
  const listen = (message: unknown): unknown => told.push(message)
  subscribe('drac.refused', listen)
  await login(new WhosonLogins(fake({ status: 'refused', reason: 'untrusted-reporter' }), () => 0))
  unsubscribe('drac.refused', listen)
  expect(told).toEqual([{ reporter: POPD, client: CLIENT, reason: 'untrusted-reporter', via: 'whoson' }])
})
