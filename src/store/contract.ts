// What every store must do, run against each of them: storeContract('memory', ...) in memory.test.ts, and so on.
import { afterEach, describe, expect, test } from 'vitest'
import type { AuthorizationStore, Put, SearchQuery } from '../core/authorization-store.ts'
import type { Session } from '../core/session.ts'
import { parseAddress } from '../lib/address.ts'
import { parsePrefix, parseRelayKey, type RelayKey } from '../lib/prefix.ts'

const NOW = 1_790_000_000
const key = (text: string): RelayKey => parseRelayKey(text)
const A = key('192.0.2.25')
const B = key('192.0.2.26')
const NET = key('2001:db8:1:2::/64')

const put = (of: RelayKey, more: Partial<Put> = {}): Put => ({
  key: of,
  expiresAt: NOW + 1800,
  now: NOW,
  source: 'drac-rpc 127.0.0.1',
  ...more,
})

export const session = (id: string, more: Partial<Session> = {}): Session => ({
  id,
  key: A,
  client: parseAddress('192.0.2.25'),
  source: 'dovecot 127.0.0.1',
  openedAt: NOW,
  leaseUntil: NOW + 21_600,
  ...more,
})
/** The rows in order of their names. */
export const rowsOf = (store: AuthorizationStore): { sessions: Session[]; revocations: [RelayKey, number][] } => {
  const { sessions, revocations } = store.sessionRows()
  return {
    sessions: sessions.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    revocations: [...revocations].sort(([a], [b]) => (a < b ? -1 : 1)),
  }
}

/** @param open gives an empty store that holds at most `maxEntries` */
export function storeContract(name: string, open: (maxEntries: number) => AuthorizationStore): void {
  const opened: AuthorizationStore[] = []
  const fresh = (maxEntries = 1_000_000): AuthorizationStore => {
    const store = open(maxEntries)
    opened.push(store)
    return store
  }
  const sweepAll = async (store: AuthorizationStore, now: number): Promise<RelayKey[]> => {
    const keys: RelayKey[] = []
    for (;;) {
      const { expired, done } = await store.sweep(now)
      keys.push(...expired.map((entry) => entry.key))
      if (done) return keys
    }
  }
  const keysOf = (store: AuthorizationStore, query = {}): RelayKey[] => [...store.list(query)].map((entry) => entry.key)

  describe(`store contract: ${name}`, () => {
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((store) => store.close()))
    })

    test('what was put is there', async () => {
      const store = fresh()
      expect(store.get(A)).toBeUndefined()
      const authorization = {
        key: A,
        expiresAt: NOW + 1800,
        firstSeen: NOW,
        lastSeen: NOW,
        source: 'drac-rpc 127.0.0.1',
      }
      expect(await store.put(put(A))).toEqual({ status: 'added', authorization })
      expect(store.get(A)).toEqual(authorization)
      expect(store.get(B)).toBeUndefined()
      expect(store.count()).toBe(1)
      expect(store.health()).toEqual({ state: 'up' })
    })

    test('a renewal keeps first seen, takes the latest source, and never shortens', async () => {
      const store = fresh()
      await store.put(put(A))
      const longer = await store.put(put(A, { now: NOW + 60, expiresAt: NOW + 7200, source: 'control root' }))
      const kept = { key: A, expiresAt: NOW + 7200, firstSeen: NOW, lastSeen: NOW + 60, source: 'control root' }
      expect(longer).toEqual({ status: 'renewed', authorization: kept })
      const shorter = await store.put(put(A, { now: NOW + 90, expiresAt: NOW + 1890 }))
      const after = { ...kept, lastSeen: NOW + 90, source: 'drac-rpc 127.0.0.1' }
      expect(shorter).toEqual({ status: 'renewed', authorization: after })
      expect(store.get(A)).toEqual(after)
      expect(store.count()).toBe(1)
    })

    test('what has expired is added anew, whether the sweep has come by or not', async () => {
      const store = fresh()
      await store.put(put(A, { expiresAt: NOW + 10, user: 'alice' }))
      const later = NOW + 11
      const authorization = {
        key: A,
        expiresAt: later + 1800,
        firstSeen: later,
        lastSeen: later,
        source: 'drac-rpc 127.0.0.1',
      }
      expect(await store.put(put(A, { now: later, expiresAt: later + 1800 }))).toEqual({
        status: 'added',
        authorization,
      })
      expect(store.get(A)).toEqual(authorization)
      expect(store.logins(A)).toEqual([])
      expect(store.count()).toBe(1)
    })

    test('many puts at once, the same key among them, are each answered', async () => {
      const store = fresh()
      const keys = Array.from({ length: 300 }, (_, i) => key(`198.51.100.${i % 150}`))
      const results = await Promise.all(keys.map((each, i) => store.put(put(each, { expiresAt: NOW + 1800 + i }))))
      expect(results.map((result) => result.status)).toEqual(keys.map((_, i) => (i < 150 ? 'added' : 'renewed')))
      expect(store.count()).toBe(150)
      for (const [i, each] of keys.slice(0, 150).entries()) expect(store.get(each)?.expiresAt).toBe(NOW + 1950 + i)
    })

    test('an expired entry is still given: the reader compares', async () => {
      const store = fresh()
      await store.put(put(A, { expiresAt: NOW - 1 }))
      expect(store.get(A)?.expiresAt).toBe(NOW - 1)
    })

    test('delete gives what was there, and its logins go too', async () => {
      const store = fresh()
      await store.put(put(A, { user: 'ann' }))
      expect((await store.delete(A))?.key).toBe(A)
      expect(await store.delete(A)).toBeUndefined()
      expect(store.get(A)).toBeUndefined()
      expect(store.logins(A)).toEqual([])
      expect(store.count()).toBe(0)
    })

    test('writes take effect in the order they were asked for', async () => {
      const store = fresh()
      const [added, deleted, again] = await Promise.all([store.put(put(A)), store.delete(A), store.put(put(A))])
      expect([added.status, deleted?.key, again.status]).toEqual(['added', A, 'added'])
    })

    test('users are remembered, each once, with the latest source and the latest note', async () => {
      const store = fresh()
      await store.put(put(A, { user: 'bob' }))
      await store.put(put(A, { user: 'ann', note: 'by phone' }))
      await store.put(put(A, { user: 'ann', now: NOW + 5, source: 'dovecot local' }))
      await store.put(put(B))
      expect(store.logins(A)).toEqual([
        { user: 'ann', source: 'dovecot local', lastSeen: NOW + 5, note: 'by phone' },
        { user: 'bob', source: 'drac-rpc 127.0.0.1', lastSeen: NOW },
      ])
      expect(store.logins(B)).toEqual([])
    })

    test('a note without a user', async () => {
      const store = fresh()
      await store.put(put(A, { note: 'printer' }))
      expect(store.logins(A)).toEqual([{ user: '', source: 'drac-rpc 127.0.0.1', lastSeen: NOW, note: 'printer' }])
    })

    test('text that SQL and JSON would trip over comes back as it was', async () => {
      const store = fresh()
      const user = `o'neill";--\u0001\u00e9\u{1f600}`
      await store.put(put(A, { user, note: "'%s'", source: "x'); DROP TABLE source;--" }))
      expect(store.logins(A)[0]).toMatchObject({ user, note: "'%s'" })
      expect(keysOf(store, { user })).toEqual([A])
      expect(store.get(A)?.source).toBe("x'); DROP TABLE source;--")
    })

    test('sweep gives and removes what has expired, and nothing else', async () => {
      const store = fresh()
      await store.put(put(A, { expiresAt: NOW, user: 'ann' }))
      await store.put(put(B, { expiresAt: NOW + 1 }))
      expect(await sweepAll(store, NOW)).toEqual([])
      expect(await sweepAll(store, NOW + 1)).toEqual([A])
      expect(store.get(A)).toBeUndefined()
      expect(store.logins(A)).toEqual([])
      expect(store.get(B)).toBeDefined()
      expect(store.count()).toBe(1)
      expect(await sweepAll(store, NOW + 2)).toEqual([B])
      expect(await sweepAll(store, NOW + 2)).toEqual([])
    })

    test('sweep sees a table of several slices, once', async () => {
      const store = fresh()
      const keys = Array.from({ length: 5000 }, (_, i) => key(`10.0.${i >> 8}.${i & 255}`))
      await Promise.all(keys.map((each, i) => store.put(put(each, { expiresAt: NOW + (i % 2) }))))
      const swept = await sweepAll(store, NOW + 1)
      expect(swept.toSorted()).toEqual(keys.filter((_, i) => i % 2 === 0).toSorted())
      expect(store.count()).toBe(2500)
    })

    test('widths are those of stored networks, longest first, until none is left', async () => {
      const store = fresh()
      expect([store.widths(4), store.widths(6)]).toEqual([[], []])
      await store.put(put(NET, { expiresAt: NOW }))
      await store.put(put(key('2001:db8::/32')))
      await store.put(put(key('198.51.100.0/24')))
      await store.put(put(A))
      expect([store.widths(4), store.widths(6)]).toEqual([[24], [64, 32]])
      await sweepAll(store, NOW + 1)
      await sweepAll(store, NOW + 1)
      expect([store.widths(4), store.widths(6)]).toEqual([[24], [32]])
    })

    test('a full table takes renewals, and new clients as soon as something has expired', async () => {
      const store = fresh(2)
      await store.put(put(A, { expiresAt: NOW + 10 }))
      await store.put(put(B))
      const C = key('192.0.2.27')
      expect(await store.put(put(C))).toEqual({ status: 'table-full' })
      expect((await store.put(put(B))).status).toBe('renewed')
      expect(store.count()).toBe(2)
      expect((await store.put(put(C, { now: NOW + 11 }))).status).toBe('added')
      expect(store.get(A)).toBeUndefined()
      // What had to go to make room is told like everything else that expires.
      expect(await sweepAll(store, NOW + 11)).toEqual([A])
    })

    test('list is in order of key, and every condition narrows it', async () => {
      const store = fresh()
      await store.put(put(B, { user: 'ann', source: 'dovecot local' }))
      await store.put(put(A, { user: 'ann', expiresAt: NOW - 1 }))
      await store.put(put(NET, { user: 'bob' }))
      expect(keysOf(store)).toEqual([A, B, NET])
      expect(keysOf(store, { now: NOW })).toEqual([B, NET])
      expect(keysOf(store, { user: 'ann' })).toEqual([A, B])
      expect(keysOf(store, { user: 'ann', now: NOW })).toEqual([B])
      expect(keysOf(store, { source: 'drac-rpc' })).toEqual([A, NET])
      expect(keysOf(store, { source: 'nobody' })).toEqual([])
      expect(keysOf(store, { after: A })).toEqual([B, NET])
      expect(keysOf(store, { after: A, limit: 1 })).toEqual([B])
      expect(keysOf(store, { limit: 0 })).toEqual([])
      expect([...store.list({ after: B })][0]).toEqual(store.get(NET))
    })

    test('a list is of one moment, whatever is written while it is read', async () => {
      const store = fresh()
      await store.put(put(A))
      await store.put(put(B))
      const list = store.list({})
      expect(list.next().value?.key).toBe(A)
      await store.delete(B)
      await store.put(put(NET))
      expect([...list].map((entry) => entry.key)).toEqual([B])
      expect(keysOf(store)).toEqual([A, NET])
    })

    test('shift moves every time', async () => {
      const store = fresh()
      await store.put(put(A, { user: 'ann' }))
      await store.put(put(B, { expiresAt: NOW + 60 }))
      await store.shift(-3600)
      expect(store.get(A)).toMatchObject({ expiresAt: NOW - 1800, firstSeen: NOW - 3600, lastSeen: NOW - 3600 })
      expect(store.get(B)?.expiresAt).toBe(NOW - 3540)
      expect(store.logins(A)[0]?.lastSeen).toBe(NOW - 3600)
    })

    test('shift comes after the puts before it and before those after it', async () => {
      const store = fresh()
      await Promise.all([store.put(put(A)), store.shift(-3600), store.put(put(B))])
      expect([store.get(A)?.expiresAt, store.get(B)?.expiresAt]).toContain(NOW - 1800)
      expect(store.get(A)?.expiresAt).toBe(NOW - 1800)
    })

    test('clamp shortens what lasts longer, and only that', async () => {
      const store = fresh()
      await store.put(put(A, { expiresAt: NOW + 100_000 }))
      await store.put(put(B, { expiresAt: NOW + 5 }))
      await store.clamp(NOW + 86_400)
      expect([store.get(A)?.expiresAt, store.get(B)?.expiresAt]).toEqual([NOW + 86_400, NOW + 5])
    })

    test('shorten makes an expiry earlier, and only that', async () => {
      const store = fresh()
      expect(await store.shorten(A, NOW)).toBeUndefined()
      await store.put(put(A, { user: 'ann' }))
      expect(await store.shorten(A, NOW + 1800)).toBeUndefined()
      expect(await store.shorten(A, NOW + 1801)).toBeUndefined()
      const shorter = { key: A, expiresAt: NOW + 60, firstSeen: NOW, lastSeen: NOW, source: 'drac-rpc 127.0.0.1' }
      expect(await store.shorten(A, NOW + 60)).toEqual(shorter)
      expect([store.get(A), store.count(), store.logins(A).length]).toEqual([shorter, 1, 1])
      expect(await store.put(put(A, { expiresAt: NOW + 90 }))).toMatchObject({ authorization: { expiresAt: NOW + 90 } })
    })

    test('shorten comes after the puts before it and before those after it', async () => {
      const store = fresh()
      const [, first, , second] = await Promise.all([
        store.put(put(A)),
        store.shorten(A, NOW + 60),
        store.put(put(A, { expiresAt: NOW + 90 })),
        store.shorten(A, NOW + 100),
      ])
      expect([first?.expiresAt, second, store.get(A)?.expiresAt]).toEqual([NOW + 60, undefined, NOW + 90])
    })

    test('sessions are kept as they are, each id once', async () => {
      const store = fresh()
      expect(rowsOf(store)).toEqual({ sessions: [], revocations: [] })
      const text = `a'";--\u0001\u00e9\u{1f600}`
      const held = session('b', { key: NET, client: parseAddress('2001:db8:1:2::9'), floor: 0, user: text })
      await Promise.all([store.putSession(session('a')), store.putSession(held), store.putSession(session(text))])
      expect(rowsOf(store).sessions).toEqual([session('a'), session(text), held])
      await store.putSession(session('a', { leaseUntil: NOW + 9, user: 'ann', floor: NOW + 60 }))
      await store.putSession(session('b', { source: 'whoson' }))
      expect(rowsOf(store).sessions).toEqual([
        session('a', { leaseUntil: NOW + 9, user: 'ann', floor: NOW + 60 }),
        session(text),
        session('b', { source: 'whoson' }),
      ])
      await store.deleteSessions(['a', 'nobody', text])
      expect(rowsOf(store).sessions.map(({ id }) => id)).toEqual(['b'])
      await store.deleteSessions([])
      await Promise.all([store.deleteSessions(['b']), store.putSession(session('b')), store.deleteSessions(['b'])])
      expect(rowsOf(store).sessions).toEqual([])
    })

    test('revocations are kept until they are forgotten', async () => {
      const store = fresh()
      await Promise.all([store.putRevocation(A, NOW), store.putRevocation(NET, NOW), store.putRevocation(A, NOW + 5)])
      expect(rowsOf(store).revocations).toEqual([
        [A, NOW + 5],
        [NET, NOW],
      ])
      await store.putRevocation(B, undefined)
      await store.putRevocation(A, undefined)
      expect(rowsOf(store).revocations).toEqual([[NET, NOW]])
    })

    test('neither is touched by what becomes of the authorization', async () => {
      const store = fresh(1)
      await store.put(put(A, { expiresAt: NOW + 1 }))
      await Promise.all([store.putSession(session('a')), store.putRevocation(A, NOW)])
      await store.clamp(NOW)
      await sweepAll(store, NOW + 1)
      await store.put(put(A))
      await store.delete(A)
      expect(await store.put(put(B))).toMatchObject({ status: 'added' })
      expect(rowsOf(store)).toEqual({ sessions: [session('a')], revocations: [[A, NOW]] })
      expect(store.count()).toBe(1)
    })

    test('shift moves sessions and revocations; a floor of none stays none', async () => {
      const store = fresh()
      const floors = [undefined, 0, NOW + 60]
      await Promise.all([
        ...floors.map((floor, i) => store.putSession(session(`${i}`, floor === undefined ? {} : { floor }))),
        store.putRevocation(A, NOW),
      ])
      await store.shift(-3600)
      const moved = { openedAt: NOW - 3600, leaseUntil: NOW + 18_000 }
      expect(rowsOf(store)).toEqual({
        sessions: [
          session('0', moved),
          session('1', { ...moved, floor: 0 }),
          session('2', { ...moved, floor: NOW - 3540 }),
        ],
        revocations: [[A, NOW - 3600]],
      })
    })

    test('a closed store answers nothing', async () => {
      const store = fresh()
      await store.put(put(A))
      await store.close()
      await store.close()
      await expect(store.put(put(B))).rejects.toMatchObject({ kind: 'tempfail' })
      await expect(store.delete(A)).rejects.toMatchObject({ kind: 'tempfail' })
      expect(() => store.get(A)).toThrow(expect.objectContaining({ kind: 'tempfail' }))
      expect(() => store.sessionRows()).toThrow(expect.objectContaining({ kind: 'tempfail' }))
      for (const write of [
        store.shorten(A, NOW),
        store.putSession(session('a')),
        store.deleteSessions(['a']),
        store.putRevocation(A, NOW),
      ])
        await expect(write).rejects.toMatchObject({ kind: 'tempfail' })
    })

    describe('search', () => {
      const query = { now: NOW, sort: 'address', descending: false, offset: 0, limit: 10 } as const
      const found = async (store: AuthorizationStore, more: Partial<SearchQuery>): Promise<string[]> =>
        (await store.search({ ...query, ...more })).entries.map((entry) => entry.key)
      const filled = async (): Promise<AuthorizationStore> => {
        const store = fresh()
        await store.put(put(A, { user: 'Alice', expiresAt: NOW + 30 }))
        await store.put(put(B, { user: 'bob', expiresAt: NOW + 10, source: 'log dovecot' }))
        await store.put(put(NET, { expiresAt: NOW + 20, source: 'control' }))
        await store.put(put(key('192.0.2.99'), { expiresAt: NOW - 1 }))
        return store
      }

      test('finds what lasts, in the order that is asked for, page by page', async () => {
        const store = await filled()
        expect(await found(store, {})).toEqual([A, B, NET])
        expect(await found(store, { sort: 'expires_at' })).toEqual([B, NET, A])
        expect(await found(store, { sort: 'expires_at', descending: true })).toEqual([A, NET, B])
        expect(await store.search({ ...query, offset: 1, limit: 1 })).toMatchObject({ total: 3, entries: [{ key: B }] })
      })

      test.each([
        ['part of an address', { text: '2.2' }, [A, B]],
        ['part of a user, in any case', { text: 'aLi' }, [A]],
        ['part of a source', { text: 'DOVE' }, [B]],
        ['text that is a pattern in SQL', { text: '%' }, []],
        ['a user', { user: 'bob' }, [B]],
        ['a source, from its beginning', { source: 'con' }, [NET]],
        ['a network', { network: parsePrefix('192.0.2.0/24') }, [A, B]],
        ['a network of the other family', { network: parsePrefix('2001:db8::/32') }, [NET]],
        ['a part of a stored network', { network: parsePrefix('2001:db8:1:2::5/128') }, []],
        ['two things at once', { text: '192', user: 'bob' }, [B]],
      ])('by %s', async (_, more, keys) => {
        expect(await found(await filled(), more)).toEqual(keys)
      })
    })
  })
}
