// The packages where there is no Node.js: installed, run as the unit says, upgraded, removed, purged.
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { removeFolder, temporaryFolder } from '../daemon/process.ts'
import { buildDracCall, dracCall } from '../interop/drac-call.ts'
import type { Mta } from '../interop/mta.ts'
import { Namespace } from '../interop/namespace.ts'
import { postfix } from '../interop/postfix.ts'
import { skipping } from '../interop/programs.ts'
import { askRelay } from '../interop/smtp.ts'
import { until } from '../interop/wait.ts'
import { Debian } from './debian.ts'
import { Service } from './service.ts'

vi.setConfig({ testTimeout: 120_000 }) // a busy machine takes long to start a program

const has = (program: string): boolean => spawnSync(program, ['--version']).error === undefined
const skipped = skipping('packages', 'postfix', 'postfix-maps', 'libtirpc', 'debian12')
const noRpm = !has('rpmbuild')
if (noRpm) console.warn('skipped: RPM packages: no rpmbuild')

const machine = process.arch === 'arm64' ? 'arm64' : 'amd64'
const OLD = '0.0.9-1'
const MAP = '/var/lib/drac/relay.txt'
const output = temporaryFolder()

/** Paths of what "npm run package" makes. */
async function build(...options: string[]): Promise<string[]> {
  const args = ['scripts/package.mjs', '--fast', '--arch', machine, '--output', output, ...options]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => join(output, basename(line.split('  ')[0]!)))
}

describe.skipIf(skipped)('a Debian without Node.js', () => {
  let namespace: Namespace
  let debian: Debian
  let service: Service
  let mta: Mta
  let client: string
  let before: string[]
  let made: string[] = []
  const path = (name: RegExp): string => made.find((file) => name.test(file))!
  /** Files that came or went since the beginning. */
  const difference = (): string[] => {
    const now = debian.files()
    return [...before.filter((file) => !now.includes(file)), ...now.filter((file) => !before.includes(file))]
  }
  const passwd = (): string => debian.read('etc/passwd')
  const report = (address: string): number | string =>
    dracCall(namespace, client, address, { net: 'udp', port: service.rpcPort })

  beforeAll(async () => {
    const old = build('--format', 'deb', '--package-version', OLD)
    made = (await Promise.all([old, build(...(noRpm ? ['--format', 'deb'] : []))])).flat()
    namespace = await Namespace.open()
    debian = Debian.open(namespace)
    client = await buildDracCall()
    before = debian.files()
  }, 300_000)
  afterAll(async () => {
    await service?.end('SIGKILL')
    await mta?.stop()
    await namespace?.close()
    removeFolder(output)
  })

  test('dpkg -i makes the user, enables the service and starts it; rpc.dracd is dracd', () => {
    debian.install(path(/\/drac_0\.0\.9/), path(/\/libdrac1_0\.0\.9/))
    expect(passwd()).toMatch(/^drac:x:\d+:\d+:.*:\/var\/lib\/drac:\/usr\/sbin\/nologin$/m)
    expect(debian.asked()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/\bpreset dracd\.service$/),
        expect.stringMatching(/\bstart dracd\.service$/),
      ]),
    )
    expect(debian.exec('rpc.dracd', '--version')).toBe('dracd 0.0.9\n')
    expect(debian.exec('drac', '--version')).toBe('0.0.9\n')
    expect(debian.exec('dracd', '--check')).toBe('')
  })

  test('the daemon runs from its unit as its own user, and tells systemd', async () => {
    debian.write('etc/drac/dracd.toml', `lifetime = "45m"\n${debian.read('etc/drac/dracd.toml')}`)
    service = await Service.start(debian)
    expect(service.version).toBe('0.0.9')
    const owner = /^drac:x:(\d+)/m.exec(passwd())![1]
    expect(readFileSync(`/proc/${service.pid}/status`, 'utf8')).toMatch(new RegExp(`^Uid:\t${owner}\t${owner}\t`, 'm'))
    await service.notify.received('WATCHDOG=1|STATUS=Answering, 0 entries', 2)
  })

  test('the C client adds, and Postfix, set up as drac setup says, permits that client and no other', async () => {
    const server = postfix({ chroot: false })
    server.configure(namespace)
    const plan = JSON.parse(debian.exec('drac', 'setup', 'postfix', '--via', 'socketmap', '--json'))
    appendFileSync(
      join(namespace.folder, 'etc/postfix/main.cf'),
      plan.parts.map(({ text }: { text: string }) => text).join('\n'),
    )
    mta = await server.start(namespace, '')
    expect((await askRelay(namespace, '192.0.2.5')).code).toBe(554)
    expect(report('192.0.2.5')).toBe(0)
    expect((await askRelay(namespace, '192.0.2.5')).code).toBe(250)
    expect((await askRelay(namespace, '192.0.2.6')).code).toBe(554)
  })

  test('a program that is linked with libdrac finds the library', () => {
    const folder = join(output, 'dev')
    execFileSync('dpkg-deb', ['-x', path(/libdrac-dev_0\.0\.9/), folder])
    execFileSync('dpkg-deb', ['-x', path(/libdrac1_0\.0\.9/), folder])
    const source =
      'int dracauth(char *, unsigned long, char **);\nint main(int n, char **a) { char *e; return dracauth(a[1], 0x070200c0UL, &e); }\n'
    writeFileSync(join(folder, 'caller.c'), source)
    const triplet = execFileSync('gcc', ['-dumpmachine'], { encoding: 'utf8' }).trim().replace('-pc', '')
    const pc = readFileSync(join(folder, 'usr/lib', triplet, 'pkgconfig/libdrac.pc'), 'utf8')
    expect(pc).toContain(`libdir=/usr/lib/${triplet}\n`)
    execFileSync('gcc', [
      '-o',
      join(debian.root, 'usr/bin/caller'),
      join(folder, 'caller.c'),
      `-L${folder}/usr/lib/${triplet}`,
      '-ldrac',
    ])
    before.push('usr/bin/caller')
    expect(debian.try('caller', `127.0.0.1:${service.rpcPort}`)).toMatchObject({ status: 0 })
    expect(debian.exec('drac', 'list')).toContain('192.0.2.7')
  })

  test('an upgrade keeps settings and entries, and restarts', async () => {
    expect(await service.end('SIGTERM')).toBe(0)
    debian.install(path(/\/drac_(?!0\.0\.9)/), path(/\/libdrac1_(?!0\.0\.9)/))
    expect(debian.asked()).toContainEqual(expect.stringMatching(/\btry-restart dracd\.service$/))
    expect(debian.read('etc/drac/dracd.toml')).toMatch(/^lifetime = "45m"\n/)
    debian.write(
      'etc/drac/dracd.toml',
      `lifetime = "45m"\n[[map]]\npath = "${MAP}"\nformat = "text"\n[http]\nlisten = ["unix:/run/drac/http.sock"]\n`,
    )
    service = await Service.start(debian)
    expect(service.version).not.toBe('0.0.9')
    expect((await askRelay(namespace, '192.0.2.5')).code).toBe(250)
    expect((await askRelay(namespace, '192.0.2.6')).code).toBe(554)
    expect(report('192.0.2.8')).toBe(0)
    expect(debian.exec('drac', 'show', '192.0.2.8')).toMatch(/4[45]m/)
  })

  test('the status page is in the executable', async () => {
    const page = (path: string) =>
      new Promise<[number | undefined, string | undefined]>((resolve, reject) => {
        const socketPath = join(debian.root, 'run/drac/http.sock')
        get({ socketPath, path }, (reply) => {
          reply.resume()
          resolve([reply.statusCode, reply.headers['content-type']])
        }).on('error', reject)
      })
    expect(await page('/')).toEqual([200, 'text/html; charset=utf-8'])
    expect(await page('/app.js')).toEqual([200, 'text/javascript; charset=utf-8'])
  })

  test('a map of many entries is built by a thread of the executable', async () => {
    const many = Array.from({ length: 1000 }, (_, i) => `203.0.${113 + (i >> 8)}.${i & 255}`)
    await service.logins(many)
    await until('the map', () => debian.read(MAP).match(/^203\.0\./gm)?.length === many.length)
    expect(debian.read(MAP).match(/^[\d.]+/gm)).toHaveLength(many.length + 3)
  })

  test('removal leaves settings and entries, but no map that permits', async () => {
    await service.end('SIGKILL')
    expect(debian.read(MAP)).toContain('192.0.2.5')
    debian.exec('dpkg', '--remove', 'drac', 'libdrac1')
    expect(debian.asked()).toContainEqual(expect.stringMatching(/\bstop dracd\.socket dracd\.service$/))
    expect(debian.read(MAP)).not.toContain('192.0.2.5')
    expect(debian.read('etc/drac/dracd.toml')).toContain('lifetime = "45m"')
    expect(statSync(join(debian.root, 'var/lib/drac/drac.sqlite')).size).toBeGreaterThan(0)
  })

  test('a purge leaves nothing', () => {
    debian.exec('dpkg', '--purge', 'drac', 'libdrac1')
    expect(difference()).toEqual([])
    expect(debian.folders()).toEqual([])
    expect(passwd()).not.toMatch(/^drac:/m)
    expect(debian.read('etc/group')).not.toMatch(/^drac:/m)
  })

  test.skipIf(noRpm)(
    'rpm --root installs, its scripts run, what it owns is as it was packed, and it goes again',
    () => {
      const rpm = (...args: string[]): string =>
        namespace.exec('rpm', ['--root', debian.root, '--dbpath', '/var/lib/rpm', ...args])
      const files = made.filter((file) => /\/(drac|libdrac)-\d[^/]*\.rpm$/.test(file))
      rpm('--nodeps', '--install', ...files) // nothing there is known to rpm
      expect(passwd()).toMatch(/^drac:/m)
      expect(debian.asked()).toContainEqual(expect.stringMatching(/\benable --now dracd\.service$/))
      const verified = namespace.try('rpm', [
        '--root',
        debian.root,
        '--dbpath',
        '/var/lib/rpm',
        '--nodeps',
        '-V',
        'drac',
        'libdrac',
      ])
      expect(verified.stdout).toBe('')
      expect(debian.exec('dracd', '--version')).not.toBe('dracd 0.0.9\n')
      expect(debian.exec('dracd', '--check')).toBe('')
      const owned = rpm('-ql', 'drac', 'libdrac').trimEnd().split('\n')
      expect(owned).toEqual(
        expect.arrayContaining([
          '/usr/sbin/rpc.dracd',
          '/usr/lib/systemd/system/dracd.service',
          '/usr/share/man/man8/drac-report.8.gz',
          '/usr/lib64/libdrac.so.1',
        ]),
      )
      expect(rpm('-qc', 'drac')).toBe('/etc/drac/dracd.toml\n')
      rpm('--nodeps', '--erase', 'drac', 'libdrac')
      expect(debian.asked()).toContainEqual(expect.stringMatching(/\bdisable --now dracd\.socket dracd\.service$/))
      expect(difference()).toEqual([])
    },
  )
})
