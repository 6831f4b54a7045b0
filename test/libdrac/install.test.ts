// The library is installed whole, links with callers of every standard, and is removed whole.
import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { make, removeFolder, skipping, temporaryFolder } from './toolchain.ts'

const folder = temporaryFolder()
afterAll(() => removeFolder(folder))

const runs = (command: string, ...args: string[]) => execFileSync(command, args, { encoding: 'utf8' })

describe.skipIf(skipping("libdrac's installation", 'gcc'))('installed', () => {
  const root = join(folder, 'root')
  const files = () =>
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .sort()

  test('below PREFIX and DESTDIR, what a package needs and nothing else', () => {
    make(join(folder, 'install'), 'CFLAGS=-O1') // for another PREFIX, as `make && sudo make install PREFIX=/usr` does
    make(join(folder, 'install'), 'install', `DESTDIR=${root}`, 'PREFIX=/usr', 'LIBDIR=/usr/lib/x', 'CFLAGS=-O1')
    const pages = ['auth', 'auth6', 'conn', 'conn6', 'disc', 'disc6', 'send', 'send6']
    expect(files()).toEqual([
      'usr/include/drac.h',
      'usr/lib/x/libdrac.a',
      'usr/lib/x/libdrac.so',
      'usr/lib/x/libdrac.so.1',
      'usr/lib/x/libdrac.so.1.0.0',
      'usr/lib/x/pkgconfig/libdrac.pc',
      'usr/sbin/drac-report',
      'usr/share/doc/libdrac/README.md',
      'usr/share/doc/libdrac/drac.x',
      ...pages.map((name) => `usr/share/man/man3/drac${name}.3`),
      'usr/share/man/man8/drac-report.8',
    ])
    expect(statSync(join(root, 'usr/sbin/drac-report')).mode & 0o777).toBe(0o755)
    expect(readFileSync(join(root, 'usr/share/man/man3/dracsend6.3'), 'utf8')).toBe('.so man3/dracauth.3\n')
    expect(readFileSync(join(root, 'usr/lib/x/pkgconfig/libdrac.pc'), 'utf8')).toContain('libdir=/usr/lib/x\n')
  })

  test('the shared library has its name, needs libc alone and cannot be unloaded', () => {
    const dynamic = runs('readelf', '-d', join(root, 'usr/lib/x/libdrac.so'))
    expect(dynamic).toMatch(/SONAME.*\[libdrac\.so\.1\]/)
    const needed = [...dynamic.matchAll(/NEEDED.*\[(.+)\]/g)].map((match) => match[1]!)
    expect(needed.filter((name) => !name.startsWith('ld-'))).toEqual(['libc.so.6']) // ld.so is libc's too
    expect(dynamic).toMatch(/Flags:.*NODELETE/)
  })

  test('callers of every standard link with it', () => {
    const source = join(folder, 'caller.c')
    const call = 'int main(void) { char *e; return dracauth("127.0.0.1:1", 0xffffffffUL, &e) == -2 ? 0 : 1; }\n'
    writeFileSync(source, `#include <drac.h>\nint dracauth(char *, unsigned long, char **);\n${call}`)
    const include = `-I${join(root, 'usr/include')}`
    const libraries = [`-L${join(root, 'usr/lib/x')}`, `-Wl,-rpath,${join(root, 'usr/lib/x')}`, '-ldrac']
    for (const std of ['gnu89', 'c99', 'c11']) {
      for (const how of [[], ['-Wl,-Bstatic']]) {
        const program = join(folder, `caller-${std}`)
        const last = how.length > 0 ? ['-Wl,-Bdynamic'] : []
        runs('gcc', `-std=${std}`, '-Wall', '-Werror', include, '-o', program, source, ...how, ...libraries, ...last)
        expect(spawnSync(program).status).toBe(0)
      }
    }
    writeFileSync(source, 'int dracauth();\nint main(void) { return dracauth("127.0.0.1:1", 1, 0) == -2 ? 0 : 1; }\n')
    runs('gcc', '-std=gnu89', '-o', join(folder, 'kr'), source, ...libraries)
    expect(spawnSync(join(folder, 'kr')).status).toBe(0)
  })

  const noCplusplus = spawnSync('g++', ['--version']).status !== 0
  if (noCplusplus) console.warn('skipped: libdrac from C++: needs g++')
  test.skipIf(noCplusplus)('C++ callers too', () => {
    const source = join(folder, 'caller.cc')
    writeFileSync(
      source,
      '#include <drac.h>\nint main() { return dracauth("127.0.0.1:1", 1, nullptr) == -2 ? 0 : 1; }\n',
    )
    const libraries = [`-L${join(root, 'usr/lib/x')}`, '-l:libdrac.a']
    runs('g++', '-Wall', '-Werror', `-I${join(root, 'usr/include')}`, '-o', join(folder, 'c++'), source, ...libraries)
    expect(spawnSync(join(folder, 'c++')).status).toBe(0)
  })

  test('uninstall leaves nothing', () => {
    make(join(folder, 'install'), 'uninstall', `DESTDIR=${root}`, 'PREFIX=/usr', 'LIBDIR=/usr/lib/x')
    expect(files()).toEqual([])
  })
})
