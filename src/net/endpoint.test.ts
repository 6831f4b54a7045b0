import { expect, test } from 'vitest'
import { formatEndpoint, parseEndpoint } from './endpoint.ts'

test.each([
  ['udp:127.0.0.1:0', { transport: 'udp', address: '127.0.0.1', port: 0 }],
  ['tcp:0.0.0.0:65535', { transport: 'tcp', address: '0.0.0.0', port: 65_535 }],
  ['tcp:[::1]:9899', { transport: 'tcp', address: '::1', port: 9899 }],
  ['udp:[2001:DB8::5]:1', { transport: 'udp', address: '2001:db8::5', port: 1 }],
  ['unix:/run/drac/socketmap.sock', { transport: 'unix', path: '/run/drac/socketmap.sock' }],
  ['unix:/run/a:b', { transport: 'unix', path: '/run/a:b' }],
])('%s', (text, endpoint) => {
  expect(parseEndpoint(text)).toEqual(endpoint)
  expect(parseEndpoint(formatEndpoint(parseEndpoint(text)))).toEqual(endpoint)
})

test.each([
  ['', 'write udp:ADDRESS:PORT'],
  ['127.0.0.1:9899', 'write udp:ADDRESS:PORT'],
  ['http:127.0.0.1:80', 'write udp:ADDRESS:PORT'],
  ['tcp:127.0.0.1', 'tcp:127.0.0.1:PORT'],
  ['tcp:::1:9899', 'tcp:[::1]:PORT'],
  ['tcp:127.0.0.1:', 'port 0 is chosen by the system'],
  ['tcp:127.0.0.1:70000', '0 to 65535'],
  ['tcp:127.0.0.1:-1', 'port 0 is chosen by the system'],
  ['tcp:localhost:9899', 'not a name'],
  ['tcp:[fe80::1%eth0]:9899', 'not a name'],
  ['unix:socket', 'absolute'],
  [`unix:/${'x'.repeat(107)}`, 'at most 107'],
  ['unix:/a\0b', 'NUL'],
])('%j is refused with its cure', (text, cure) => {
  expect(() => parseEndpoint(text)).toThrow(expect.objectContaining({ code: 'DRAC_ENDPOINT', kind: 'config' }))
  expect(() => parseEndpoint(text)).toThrow(JSON.stringify(text))
  expect(() => parseEndpoint(text)).toThrow(cure)
})
