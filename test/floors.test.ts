// A line asks "is this my room?"; this test answers. Floors import downwards only, rooms never sideways.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

/** floor -> floors it may import */
const DOWN: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  protocols: ['lib'],
  core: ['lib'],
  net: ['lib'],
  store: ['lib', 'core', 'protocols'],
  reports: ['lib', 'protocols', 'core', 'net'],
  lookups: ['lib', 'protocols', 'core', 'net'],
  maps: ['lib', 'protocols', 'core', 'net'],
  admin: ['lib', 'protocols', 'core', 'net'],
  client: ['lib', 'protocols', 'net'],
  daemon: ['lib', 'protocols', 'core', 'net', 'store', 'reports', 'lookups', 'maps', 'admin'],
  mta: ['lib', 'protocols', 'net'],
  bin: ['lib', 'protocols', 'client', 'daemon', 'mta'],
}
/** The only sideways steps: a protocol built on another protocol. Every other pair of rooms meets a floor below. */
const ACROSS: Readonly<Record<string, readonly string[]>> = {
  'protocols/drac': ['protocols/oncrpc'],
  'protocols/portmap': ['protocols/oncrpc'],
  'protocols/socketmap': ['protocols/netstring'],
}
/** Floors whose folders or files are rooms of their own. */
const WITH_ROOMS = ['protocols', 'reports', 'lookups', 'maps']

const SRC = resolve('src')
const files = readdirSync(SRC, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.ts'))

/** `protocols/oncrpc`, `reports/drac-rpc`, else the top folder. */
function room(path: string): string {
  const parts = relative(SRC, path)
    .replace(/(\.test)?\.[jt]s$/, '')
    .split('/')
  return parts.slice(0, WITH_ROOMS.includes(parts[0]!) ? 2 : 1).join('/')
}
const floor = (name: string): string => name.split('/')[0]!

function violations(file: string, text: string): string[] {
  const from = room(join(SRC, file))
  return [...text.matchAll(/(?:from|import) '(\.[^']+)'|import\('(\.[^']+)'\)/g)]
    .map((match) => resolve(dirname(join(SRC, file)), match[1] ?? match[2]!))
    .filter(
      (target) =>
        room(target) !== from &&
        !DOWN[floor(from)]?.includes(floor(room(target))) &&
        !ACROSS[from]?.includes(room(target)),
    )
    .map((target) => `${file} may not import ${relative(SRC, target)}`)
}

test('floors import downwards only', () => {
  expect(files.length).toBeGreaterThan(0)
  expect(files.flatMap((file) => violations(file, readFileSync(join(SRC, file), 'utf8')))).toEqual([])
})

test.each([
  ['core/x.ts', '../store/memory.ts'],
  ['protocols/drac/x.ts', '../../core/relay-table.ts'],
  ['reports/whoson.ts', './drac-rpc.ts'],
  ['lookups/tcp-table.ts', '../reports/drac-rpc.ts'],
  ['protocols/whoson/x.ts', '../oncrpc/xdr.ts'],
  ['client/x.ts', '../core/relay-table.ts'],
])('the check refuses %s -> %s', (file, target) => {
  expect(violations(file, `import { a } from '${target}'`)).toHaveLength(1)
  expect(violations(file, `const a = await import('${target}')`)).toHaveLength(1)
})
