import { expect, test } from 'vitest'
import { parseDracdArguments } from './argv.ts'

const parse = (...args: string[]) => parseDracdArguments(['/usr/bin/node', ...args])

test("rpc.dracd's own flags", () => {
  expect(parse('dracd', '-i', '-e', '45', '/tmp/x.db')).toMatchObject({
    empty: true,
    minutes: 45,
    dbfile: '/tmp/x.db',
    legacy: false,
  })
  expect(parse('/usr/sbin/rpc.dracd')).toMatchObject({ legacy: true, dbfile: '/etc/mail/dracd.db', empty: false })
  expect(parse('/usr/sbin/rpc.dracd', '-e10', 'here.db')).toMatchObject({
    legacy: true,
    dbfile: 'here.db',
    minutes: 10,
  })
  expect(parse('dracd')).not.toHaveProperty('dbfile')
})

test('ours', () => {
  expect(parse('dracd', '--config', '/x', '--set', 'a=1', '--set', 'b=2', '--check')).toMatchObject({
    config: '/x',
    set: ['a=1', 'b=2'],
    check: true,
  })
})

test.each([[['-e', '0']], [['-e', 'soon']], [['-e', '-5']], [['-x']], [['a.db', 'b.db']], [['-e']]])(
  'refused with the usage: %j',
  (args) => {
    expect(() => parse('dracd', ...args)).toThrow(/usage: dracd/)
  },
)
