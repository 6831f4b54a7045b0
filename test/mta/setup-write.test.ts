// drac setup --write on copies of real configuration files, with each mail server's own checker; and with checkers that say no.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Namespace } from '../interop/namespace.ts'
import { skipping, unpacked } from '../interop/programs.ts'
import { drac } from './drac.ts'

const folders: string[] = []
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'drac-setup-'))
  folders.push(made)
  return made
}
afterEach(() => {
  for (const each of folders.splice(0)) rmSync(each, { recursive: true })
})

/** dracd.toml with everything switched on that a way could want. */
const SETTINGS = `state_directory = "/var/lib/drac"
[tcp_table]
listen = ["tcp:127.0.0.1:9897"]
[policy]
listen = ["tcp:127.0.0.1:9898"]
`

describe('with a checker of the test', () => {
  const MAIN = 'smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination\n'
  /** @param script what stands for postconf */
  async function write(script: string | undefined, ...more: string[]) {
    const at = folder()
    writeFileSync(join(at, 'dracd.toml'), SETTINGS)
    writeFileSync(join(at, 'main.cf'), MAIN)
    const program = join(at, 'postconf')
    if (script !== undefined) writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    const args = ['setup', 'postfix', '--write', '--config', join(at, 'dracd.toml'), '--file', join(at, 'main.cf')]
    const run = () => drac([...args, '--program', program, ...more])
    return { at, run, first: await run(), main: () => readFileSync(join(at, 'main.cf'), 'utf8') }
  }

  test('good: written, with a backup that says how it was; the second time nothing is done', async () => {
    const { at, first, run, main } = await write('exit 0')
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(first.stdout).toContain(`wrote ${join(at, 'main.cf')}; as it was: ${join(at, 'main.cf')}.drac-`)
    expect(main()).toContain('socketmap:inet:127.0.0.1:9899:drac')
    const backup = readdirSync(at).find((name) => name.startsWith('main.cf.drac-'))!
    expect(readFileSync(join(at, backup), 'utf8')).toBe(MAIN)
    expect(await run()).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing to change') })
    expect(readdirSync(at).filter((name) => name.includes('main.cf'))).toHaveLength(2)
  })

  test.each([
    ['exits with 1', 'echo "postconf: fatal: line 3" >&2; exit 1', 'line 3'],
    ['only says that something is wrong', 'echo "postconf: fatal: unknown" >&2', 'unknown'],
    ['is not there', undefined, 'ENOENT'],
  ])('a checker that %s: rolled back, said, exit 1', async (_, script, said) => {
    const { at, first, main } = await write(script)
    expect(first.code).toBe(1)
    expect(first.stdout).toMatch(/^rolled back, everything is as it was/)
    expect(first.stdout).toContain(said)
    expect(main()).toBe(MAIN)
    expect(readdirSync(at).filter((name) => name.includes('main.cf'))).toEqual(['main.cf'])
  })

  test('what is beyond a machine is refused with what to do, and nothing is written', async () => {
    const at = folder()
    writeFileSync(join(at, 'dracd.toml'), '')
    writeFileSync(join(at, 'exim.conf'), 'begin acl\nacl_check_rcpt:\n  deny\n')
    const args = ['--config', join(at, 'dracd.toml'), '--write']
    const exim = await drac(['setup', 'exim', ...args, '--file', join(at, 'exim.conf')])
    expect(exim).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('put the two lines "# BEGIN drac" and "# END drac"'),
    })
    expect(await drac(['setup', 'qmail', ...args])).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('by hand'),
    })
    expect(readdirSync(at)).toHaveLength(2)
  })

  test('--json tells the same', async () => {
    const { first } = await write('exit 0', '--json', '--via', 'policy')
    expect(JSON.parse(first.stdout)).toMatchObject({
      name: 'postfix',
      via: 'policy',
      status: 'written',
      syntax: { state: 'good' },
    })
  })
})

test('the names, one way, a wrong name, wrong settings', async () => {
  const at = folder()
  writeFileSync(join(at, 'dracd.toml'), 'lifetme = 1\n')
  const names = await drac(['setup'])
  expect(names.code).toBe(0)
  for (const name of ['sendmail', 'postfix', 'exim', 'opensmtpd', 'qmail', 'courier-mta'])
    expect(names.stdout).toContain(`${name} `)
  expect(await drac(['setup', 'exchange'])).toMatchObject({ code: 64 })
  expect(await drac(['setup', 'postfix', '--config', join(at, 'dracd.toml')])).toMatchObject({
    code: 78,
    stderr: expect.stringContaining('lifetme'),
  })
})

/** Real checkers: each takes every way that it is offered, and refuses a file that was broken. */
interface Real {
  readonly name: string
  readonly needs: 'postfix' | 'sendmail' | 'exim' | 'opensmtpd'
  readonly ways: readonly string[]
  /** where the configuration stands in the namespace, and its text */
  readonly file: string
  readonly text: () => string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** a line that the checker does not take, where drac's block does not come */
  readonly broken: string
}

const POSTFIX_LIB = unpacked('postfix/usr/lib/postfix')
const REAL: readonly Real[] = [
  {
    name: 'postfix',
    needs: 'postfix',
    ways: ['socketmap', 'policy', 'tcp', 'sqlite', 'file'],
    file: '/etc/postfix/main.cf',
    text: () => 'compatibility_level = 3.6\nmyhostname = mta.test\n',
    args: ['--program', unpacked('postfix/usr/sbin/postconf')],
    env: { LD_LIBRARY_PATH: POSTFIX_LIB },
    broken: 'no equals sign here',
  },
  {
    name: 'sendmail',
    needs: 'sendmail',
    ways: ['socketmap', 'file', 'original', 'feature'],
    file: '/etc/mail/sendmail.mc',
    text: () => readFileSync('test/interop/sendmail-base.mc', 'utf8'),
    args: ['--mta-root', unpacked('sendmail'), '--file', '/etc/mail/sendmail.mc'],
    broken: 'LOCAL_CONFIG\nno configuration line',
  },
  {
    name: 'exim',
    needs: 'exim',
    ways: ['readsocket', 'dnslists', 'sqlite', 'file'],
    file: '/etc/exim4/exim4.conf',
    text: () =>
      'domainlist local_domains = mta.test\ndomainlist relay_to_domains =\nacl_smtp_rcpt = acl_check_rcpt\nbegin acl\nacl_check_rcpt:\n  # BEGIN drac\n  # END drac\n  deny\n',
    args: ['--program', unpacked('exim/usr/sbin/exim4')],
    broken: '  no such verb',
  },
  {
    name: 'opensmtpd',
    needs: 'opensmtpd',
    ways: ['file'],
    file: '/etc/smtpd.conf',
    text: () => 'listen on localhost\naction "relay" relay\nmatch from local for any action "relay"\n',
    args: ['--program', unpacked('opensmtpd/usr/sbin/smtpd')],
    broken: 'no such directive',
  },
]

for (const { name, needs, ways, file, text, args, env, broken } of REAL) {
  describe.skipIf(skipping('setup-write.test.ts', needs))(`with ${name}'s own checker`, { timeout: 120_000 }, () => {
    let namespace: Namespace
    let here: string
    beforeAll(async () => {
      namespace = await Namespace.open()
      here = join(namespace.folder, file.slice(1))
      mkdirSync(join(namespace.folder, 'etc/drac'), { recursive: true })
      mkdirSync(join(namespace.folder, 'etc/exim4'), { recursive: true })
      writeFileSync(join(namespace.folder, 'etc/drac/dracd.toml'), SETTINGS)
      if (name === 'postfix')
        writeFileSync(join(namespace.folder, 'etc/postfix/master.cf'), 'smtp inet n - y - - smtpd\n')
      if (name === 'opensmtpd') await hashMap(namespace)
    }, 120_000)
    afterAll(() => namespace?.close())

    const write = (via: string) =>
      namespace.run(
        process.execPath,
        [resolve('src/bin/drac.ts'), 'setup', name, '--write', '--via', via, ...args],
        env,
      )

    test.each(ways)('%s is written, and written once', async (via) => {
      writeFileSync(here, text())
      chmodSync(here, 0o640)
      expect(await write(via)).toMatchObject({ status: 0, stdout: expect.stringContaining('checked with') })
      const written = readFileSync(here, 'utf8')
      expect(written).not.toBe(text())
      expect(await write(via)).toMatchObject({ status: 0, stdout: expect.stringContaining('nothing to change') })
      expect(readFileSync(here, 'utf8')).toBe(written)
    })

    test('a file that the checker refuses is rolled back', async () => {
      const wrong = `${text()}${broken}\n`
      writeFileSync(here, wrong)
      const ended = await write(ways[0]!)
      expect(ended, ended.stderr).toMatchObject({ status: 1, stdout: expect.stringMatching(/^rolled back/) })
      expect(readFileSync(here, 'utf8')).toBe(wrong)
    })
  })
}

/** smtpd -n opens the tables. */
async function hashMap(namespace: Namespace): Promise<void> {
  const { encodeHash } = await import('../../src/protocols/berkeley-db/hash.ts')
  const { packPairs } = await import('../../src/protocols/berkeley-db/packed-pairs.ts')
  writeFileSync(join(namespace.folder, 'etc/mail/drac.hash.db'), encodeHash(packPairs([['192.0.2.5', '1']])))
}
