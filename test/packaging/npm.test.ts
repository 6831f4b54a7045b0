// What "npm install -g" would install: the tarball unpacked, its dependencies beside it, its names as links.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { removeFolder, temporaryFolder } from '../daemon/process.ts'

vi.setConfig({ testTimeout: 120_000 })

const folder = temporaryFolder()
afterAll(() => removeFolder(folder))

const built = existsSync('dist/bin/dracd.js')
if (!built) console.warn('skipped: npm package: not built; npm run build makes it')

const run = (command: string, ...args: string[]): string => execFileSync(command, args, { encoding: 'utf8' })

test.runIf(built)('npm pack holds what the programs need, and they run under their names', () => {
  run('npm', 'pack', '--silent', '--ignore-scripts', '--pack-destination', folder)
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!
  run('tar', '-xf', join(folder, tarball), '-C', folder)
  const installed = join(folder, 'package')
  const { bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { bin: Record<string, string> }
  symlinkSync(resolve('node_modules'), join(installed, 'node_modules'))
  mkdirSync(join(folder, 'bin'))
  for (const [name, path] of Object.entries(bin)) {
    expect(readFileSync(join(installed, path), 'utf8')).toMatch(/^#!\/usr\/bin\/env .*node/)
    symlinkSync(join(installed, path), join(folder, 'bin', name))
  }
  expect(Object.keys(bin).sort()).toEqual(['drac', 'dracd', 'rpc.dracd'])
  const program = (name: string, ...args: string[]): string => run(process.execPath, join(folder, 'bin', name), ...args)
  expect(program('rpc.dracd', '--version')).toMatch(/^dracd \d/)
  expect(program('drac', 'setup', 'postfix', '--via', 'socketmap')).toContain('socketmap:')
  for (const name of [
    'packaging/systemd/dracd.service',
    'man/drac.1',
    'web/index.html',
    'integrations/README.md',
    'libdrac/Makefile',
  ])
    expect(existsSync(join(installed, name)), name).toBe(true)
  expect(readdirSync(installed)).not.toContain('test')
})
