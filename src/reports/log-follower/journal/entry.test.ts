import { expect, test } from 'vitest'
import { parseEntry, unitName } from './entry.ts'

const UNITS = new Set(['dovecot.service'])
const entry = (fields: object): string =>
  JSON.stringify({
    __CURSOR: 's=1',
    __REALTIME_TIMESTAMP: '1764108000123456',
    _SYSTEMD_UNIT: 'dovecot.service',
    SYSLOG_IDENTIFIER: 'dovecot',
    _PID: '12',
    MESSAGE: 'hello',
    ...fields,
  })
const whole = { program: 'dovecot', pid: '12', message: 'hello', at: 1_764_108_000 }

test.each([
  ['as it is', {}, whole],
  ['bytes', { MESSAGE: [104, 0xef, 111] }, { ...whole, message: 'h\ufffdo' }],
  ['the pid of the tag before the process', { SYSLOG_PID: '7' }, { ...whole, pid: '7' }],
  ['no identifier: the program', { SYSLOG_IDENTIFIER: undefined, _COMM: 'popd' }, { ...whole, program: 'popd' }],
  ['another unit', { _SYSTEMD_UNIT: 'cron.service', UNIT: 'dovecot.service' }, undefined],
  ['no unit', { _SYSTEMD_UNIT: undefined }, undefined],
  ['two identifiers', { SYSLOG_IDENTIFIER: ['dovecot', 'x'] }, undefined],
  ['two messages', { MESSAGE: ['a', 'b'] }, undefined],
  ['no bytes', { MESSAGE: [104, 256] }, undefined],
  ['no message', { MESSAGE: undefined }, undefined],
])('%s', (_, fields, expected) => {
  const parsed = parseEntry(entry(fields), UNITS)
  expect(parsed).toEqual({ cursor: 's=1', overlong: false, ...(expected ? { entry: expected } : {}) })
})

test('a message that is too long is counted, of the unit alone', () => {
  expect(parseEntry(entry({ MESSAGE: null }), UNITS)).toEqual({ cursor: 's=1', overlong: true })
  expect(parseEntry(entry({ MESSAGE: null, _SYSTEMD_UNIT: 'x.service' }), UNITS)?.overlong).toBe(false)
})

test.each(['', '{', 'null', '[]', '{}', entry({ __CURSOR: null }), entry({ __REALTIME_TIMESTAMP: '1e99' })])(
  'no entry: %s',
  (line) => {
    expect(parseEntry(line, UNITS)).toBeUndefined()
  },
)

test('names of units', () => {
  expect(['dovecot', 'dovecot.service', 'pop3d@1', 'pop3.socket'].map(unitName)).toEqual([
    'dovecot.service',
    'dovecot.service',
    'pop3d@1.service',
    'pop3.socket',
  ])
})
