// What the packages are made of, for both machines, with a stand-in for the large executable: it is in packages.test.ts.
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { removeFolder, temporaryFolder } from '../daemon/process.ts'

const has = (program: string): boolean => spawnSync(program, ['--version']).error === undefined
const missing = ['gcc', 'make', 'dpkg-deb', 'rpmbuild'].filter((program) => !has(program))
if (missing.length > 0) console.warn(`skipped: files of packages: no ${missing.join(', ')}`)
for (const program of ['lintian', 'rpmlint', 'shellcheck', 'systemd-analyze'])
  if (!has(program)) console.warn(`skipped: what ${program} finds in packages: it is not installed`)

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
const run = (command: string, ...args: string[]): string => execFileSync(command, args, { encoding: 'utf8' })
const found = (command: string, ...args: string[]): string => spawnSync(command, args, { encoding: 'utf8' }).stdout

describe.skipIf(missing.length > 0)('packages', () => {
  const output = temporaryFolder()
  const again = temporaryFolder()
  beforeAll(async () => {
    const build = ['scripts/package.mjs', '--stand-in', '--output']
    await Promise.all([
      promisify(execFile)(process.execPath, [...build, output]),
      promisify(execFile)(process.execPath, [...build, again, '--arch', 'amd64']),
    ])
  }, 120_000)
  afterAll(() => [output, again].forEach(removeFolder))

  const made = (ending: string): string[] =>
    readdirSync(output)
      .filter((name) => name.endsWith(ending))
      .map((name) => join(output, name))
  const contents = (machine: string): string[] =>
    found('dpkg-deb', '-c', made(`drac_${version}-1_${machine}.deb`)[0]!)
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ +/).slice(5).join(' '))

  test('both machines have the same files, under their own names', () => {
    expect(contents('arm64')).toEqual(contents('amd64'))
    const manual = readdirSync('man')
      .filter((page) => /\.[158]$/.test(page))
      .map((page) => `./usr/share/man/man${page.at(-1)}/${page}.gz`)
    expect(contents('amd64')).toEqual(
      expect.arrayContaining([
        './etc/drac/dracd.toml',
        './lib/systemd/system/dracd.service',
        './lib/systemd/system/dracd.socket',
        './usr/bin/drac -> ../lib/drac/drac-all',
        './usr/sbin/dracd -> ../lib/drac/drac-all',
        './usr/sbin/rpc.dracd -> ../lib/drac/drac-all',
        './usr/sbin/drac-report',
        './usr/share/bash-completion/completions/drac',
        './usr/share/doc/drac/integrations/postfix/README.md',
        './usr/share/doc/drac/copyright',
        ...manual,
      ]),
    )
    for (const [machine, rpm] of [
      ['amd64', 'x86_64'],
      ['arm64', 'aarch64'],
    ] as const) {
      expect(run('dpkg-deb', '-f', made(`drac_${version}-1_${machine}.deb`)[0]!, 'Architecture')).toBe(`${machine}\n`)
      expect(run('rpm', '-qp', '--qf', '%{NAME} %{ARCH}', made(`drac-${version}-1.${rpm}.rpm`)[0]!)).toBe(`drac ${rpm}`)
    }
  })

  test('what dracd does after installation is harmless: the settings are the sample, which sets nothing', () => {
    const settings = readFileSync('conf/dracd.toml.sample', 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !/^(#|\[)/.test(line))
    expect(settings).toEqual([])
    expect(run('rpm', '-qpc', made(`drac-${version}-1.x86_64.rpm`)[0]!)).toBe('/etc/drac/dracd.toml\n')
  })

  test('the same sources make the same bytes', () => {
    for (const name of readdirSync(again))
      expect(readFileSync(join(again, name)).equals(readFileSync(join(output, name))), name).toBe(true)
  })

  test.runIf(has('lintian'))(
    'lintian finds no error',
    () => {
      const said = found('lintian', '--allow-root', '--fail-on', 'error', ...made('amd64.deb'))
      expect(said.split('\n').filter((line) => line.startsWith('E:'))).toEqual([])
    },
    120_000,
  )

  test.runIf(has('rpmlint'))(
    'rpmlint finds no error',
    () => {
      const said = found('rpmlint', '-c', resolve('packaging/rpm/rpmlint.toml'), ...made('x86_64.rpm'))
      expect(said).toMatch(/3 packages and 0 specfiles checked; 0 errors/)
    },
    120_000,
  )
})

test.runIf(has('shellcheck'))('shell scripts are clean', () => {
  const scripts = ['deb/postinst', 'deb/prerm', 'deb/postrm', 'openrc/dracd', 'freebsd/dracd'].map(
    (name) => `packaging/${name}`,
  )
  expect(found('shellcheck', '-s', 'sh', ...scripts)).toBe('')
})

test.runIf(has('systemd-analyze'))('the unit is exposed no more than it has to be', () => {
  const said = found(
    'systemd-analyze',
    'security',
    '--offline=true',
    '--no-pager',
    resolve('packaging/systemd/dracd.service'),
  )
  expect(Number(/Overall exposure level for dracd\.service: ([\d.]+)/.exec(said)?.[1])).toBeLessThanOrEqual(2)
})

test('the unit runs dracd as nobody important, and the drop-in for port 111 gives that capability alone', () => {
  const unit = readFileSync('packaging/systemd/dracd.service', 'utf8')
  expect(unit).toMatch(/^User=drac$/m)
  expect(unit).toMatch(/^CapabilityBoundingSet=$/m)
  expect(unit).toMatch(/^ExecStopPost=\/usr\/sbin\/dracd --empty-maps$/m)
  const capabilities = readFileSync('packaging/systemd/examples/portmapper.conf', 'utf8').match(/CAP_\w+/g)
  expect(new Set(capabilities)).toEqual(new Set(['CAP_NET_BIND_SERVICE']))
})
