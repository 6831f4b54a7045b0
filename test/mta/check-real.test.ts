// drac check --mta beside real mail servers that drac setup --write has set up: they are asked and believed, and when their
// configuration is opened by hand both the reading and the asking notice.
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { Finding } from '../../src/mta/check/finding.ts'
import { Dracd } from '../interop/dracd.ts'
import { exim } from '../interop/exim.ts'
import type { Server } from '../interop/mta.ts'
import { Namespace } from '../interop/namespace.ts'
import { postfix } from '../interop/postfix.ts'
import { skipping } from '../interop/programs.ts'
import { sendmail } from '../interop/sendmail.ts'

interface Case {
  readonly server: Server
  readonly via: string
  /** as the namespace sees it, what drac check reads */
  readonly file: string
  /** makes an open relay of it */
  readonly open: (text: string) => string
  /** where that is written, when it is not the file that is read */
  readonly source?: string
  readonly said: RegExp
}

const CASES: readonly Case[] = [
  {
    server: postfix({ chroot: true }),
    via: 'policy',
    file: '/etc/postfix/main.cf',
    open: (text) => `${text}mynetworks = 127.0.0.0/8 0.0.0.0/0\n`,
    said: /^error \/etc\/postfix\/main\.cf:\d+: mynetworks holds 0\.0\.0\.0\/0: OPEN RELAY/,
  },
  {
    server: sendmail,
    via: 'socketmap',
    file: '/etc/mail/sendmail.cf',
    source: '/etc/mail/sendmail.mc',
    // The original's rules with -T, on a socket where nobody listens.
    open: (text) =>
      text.replace(
        /LOCAL_CONFIG[\s\S]*/,
        () =>
          `${readFileSync('integrations/sendmail/original.mc', 'utf8').replace(
            'Kdrac btree /etc/mail/dracd',
            'Kdrac socket -d5s -T<TMPF> unix:/run/drac/none.sock',
          )}`,
      ),
    said: /^error \/etc\/mail\/sendmail\.cf:\d+: -T<TMPF> with the rule of line \d+, .*OPEN RELAY/,
  },
  {
    server: exim,
    via: 'readsocket',
    file: '/etc/exim4/exim4.conf',
    open: (text) => text.replace('<; 127.0.0.1', '<; 0.0.0.0/0'),
    said: /^error \/etc\/exim4\/exim4\.conf:\d+: relay_from_hosts holds 0\.0\.0\.0\/0: OPEN RELAY/,
  },
]
const STRANGER = '192.0.2.9'

for (const { server, via, file, source = file, open, said } of CASES) {
  describe.skipIf(skipping('check-real.test.ts', ...server.needs))(server.title, { timeout: 180_000 }, () => {
    let namespace: Namespace | undefined
    afterEach(() => namespace?.close())

    const run = (...args: string[]) =>
      namespace!.run(process.execPath, [resolve('src/bin/drac.ts'), ...args, '--json'], server.write?.env)
    async function check(...args: string[]): Promise<{ status: number | null; bad: string[]; good: string[] }> {
      const ended = await run(
        'check',
        '--mta',
        server.name,
        '--file',
        file,
        '--smtp',
        '192.0.2.1:25',
        '--source',
        STRANGER,
        ...args,
      )
      const findings = JSON.parse(ended.stdout || `"${ended.stderr}"`) as Finding[]
      const lines = findings.map(({ level, where, message }) => `${level} ${where}: ${message}`)
      const isBad = (line: string): boolean => !line.startsWith('ok ')
      return { status: ended.status, bad: lines.filter(isBad), good: lines.filter((line) => !isBad(line)) }
    }

    async function setUp(): Promise<string> {
      namespace = await Namespace.open()
      const toml = join(namespace.folder, 'etc/drac/dracd.toml')
      const base = '[drac_rpc]\nportmapper = "off"\n'
      writeFileSync(toml, base)
      server.configure(namespace)
      const made = await run('setup', server.name, '--via', via, '--write', ...server.write!.args)
      expect(made.status, made.stderr + made.stdout).toBe(0)
      const { settings, commands } = JSON.parse(made.stdout) as { settings: string[]; commands: string[] }
      writeFileSync(toml, `${base}${settings.join('\n')}\n`)
      await Dracd.start(namespace)
      for (const command of commands) if (/^(chgrp|chmod) /.test(command)) namespace.exec('sh', ['-c', command])
      if (server === exim) namespace.exec('chmod', ['666', '/run/drac/readsocket.sock'])
      return join(namespace.folder, source.slice(1))
    }

    test('as drac setup wrote it: refuses a stranger, relays for one that is permitted, and no more when revoked', async () => {
      await setUp()
      await server.start(namespace!, '')
      const { status, bad, good } = await check('--permit-test')
      expect(bad).toEqual([])
      expect(status).toBe(0)
      expect(good).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/refuses to relay for 192\.0\.2\.9: 55\d/),
          expect.stringMatching(/relays for 192\.0\.2\.9 while it is permitted: 250/),
          expect.stringMatching(/does not relay for 192\.0\.2\.9 after it was revoked: 55\d/),
        ]),
      )
    })

    test('opened by hand: both the configuration and the answer are told', async () => {
      const written = await setUp()
      const before = readFileSync(written, 'utf8')
      writeFileSync(written, open(before))
      expect(readFileSync(written, 'utf8')).not.toBe(before)
      await server.start(namespace!, '')
      const { status, bad } = await check()
      expect(status).toBe(1)
      expect(bad).toEqual(
        expect.arrayContaining([
          expect.stringMatching(said),
          expect.stringMatching(
            /^error 192\.0\.2\.1:25: OPEN RELAY: it accepts a recipient elsewhere from 192\.0\.2\.9/,
          ),
        ]),
      )
    })
  })
}
