// dracd following the journal, through the real journalctl.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { until } from '../interop/wait.ts'
import { type Fields, JournalFile, withoutJournal } from './journal-file.ts'
import { loginLine } from './log-lines.ts'
import { logStatus } from './log-status.ts'
import { DracdProcess, removeFolder, temporaryFolder } from './process.ts'

/** Some daemons one after the other, on a machine that may be busy. */
vi.setConfig({ testTimeout: 120_000 })

/** As Dovecot's entry in the journal. */
const login = (address: string, fields: Fields = {}): Fields => ({
  _SYSTEMD_UNIT: 'dovecot.service',
  SYSLOG_IDENTIFIER: 'dovecot',
  _PID: '12',
  MESSAGE: loginLine(address)
    .replace(/^.* dovecot: /, '')
    .trim(),
  ...fields,
})

/** Processes that run this journal's journalctl. */
const children = (folder: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1')
        return command.includes('journalctl') && command.includes(folder)
      } catch {
        return false
      }
    })

describe.skipIf(withoutJournal('test/daemon/journal.test.ts'))('the journal', () => {
  let folder: string
  let journal: JournalFile
  let dracd: DracdProcess
  let path: string | undefined
  beforeAll(async () => {
    folder = temporaryFolder()
    journal = new JournalFile(folder)
    path = process.env.PATH
    process.env.PATH = `${journal.bin}:${path}`
    journal.write(login('203.0.113.1'), Date.now() - 7_200_000)
    journal.write(login('192.0.2.1'), Date.now() - 600_000)
    await start()
  })
  afterAll(async () => {
    process.env.PATH = path
    if (dracd.child.exitCode === null && dracd.child.signalCode === null) await dracd.end('SIGKILL')
    await journal.close()
    removeFolder(folder)
  })

  async function start(): Promise<void> {
    dracd = await DracdProcess.start(folder, { set: { log: '[{journal = ["dovecot", "qpopper.service"]}]' } })
  }
  const permits = (address: string): Promise<true> =>
    until(`a permit for ${address}`, async () => (await dracd.lookup(address)) === 'OK OK')

  test('a login of the last lifetime, and one that comes now', async () => {
    await permits('192.0.2.1')
    expect(await dracd.lookup('203.0.113.1')).toBe('NOTFOUND ')
    journal.write(login('192.0.2.2'))
    await permits('192.0.2.2')
    journal.write({
      _SYSTEMD_UNIT: 'qpopper.service',
      SYSLOG_IDENTIFIER: 'in.qpopper',
      SYSLOG_PID: '7',
      MESSAGE: '(v4.0.5) POP login by user "bob" at (client.example.com) 192.0.2.3 [pop_log.c:244]',
    })
    await permits('192.0.2.3')
    expect(await logStatus(dracd)).toMatchObject({ log: 'journal dovecot qpopper.service', lines: 3, events: 3 })
  })

  test('what other programs send counts for nothing, whatever they call themselves', async () => {
    const before = await logStatus(dracd)
    journal.write(login('203.0.113.2', { _SYSTEMD_UNIT: 'user@1000.service' }))
    journal.write(
      login('203.0.113.3', { _SYSTEMD_UNIT: 'cron.service', UNIT: 'dovecot.service', SYSTEMD_UNIT: 'dovecot.service' }),
    )
    journal.write(login('203.0.113.4', { SYSLOG_IDENTIFIER: 'postfix/smtpd' }))
    journal.write(login('203.0.113.5', { SYSLOG_IDENTIFIER: ['dovecot', 'other'] }))
    journal.write(login('203.0.113.6', { MESSAGE: `x\n${login('203.0.113.6').MESSAGE}` }))
    journal.write(login('203.0.113.7', { MESSAGE: `${'x'.repeat(5000)}${login('203.0.113.7').MESSAGE}` }))
    // A user name that is no UTF-8: journalctl prints the bytes as numbers.
    journal.write(
      login('192.0.2.4', {
        MESSAGE: Buffer.from(String(login('192.0.2.4').MESSAGE).replace('alice', 'al\xefce'), 'latin1'),
      }),
    )
    await permits('192.0.2.4')
    for (let i = 2; i <= 7; i++) expect(await dracd.lookup(`203.0.113.${i}`), `203.0.113.${i}`).toBe('NOTFOUND ')
    expect(await logStatus(dracd)).toMatchObject({ overlong: before.overlong + 1, events: before.events + 1 })
  })

  test('a journalctl that dies is started again, and goes on where it was', async () => {
    const { events } = await logStatus(dracd)
    const [pid] = children(folder)
    process.kill(pid!, 'SIGKILL')
    journal.write(login('192.0.2.5'))
    await dracd.logged('log-failed', (line) => String(line.message).includes('SIGKILL'))
    await permits('192.0.2.5')
    await dracd.logged('log-recovered')
    expect((await logStatus(dracd)).events).toBe(events + 1)
  })

  test('a position that nobody understands: the logins of the last lifetime again', async () => {
    await dracd.end()
    const positions = join(folder, 'state', 'log-positions.json')
    const kept = JSON.parse(readFileSync(positions, 'utf8')) as Record<string, { position: unknown }>
    for (const log of Object.values(kept)) log.position = { cursor: 'damaged' }
    writeFileSync(positions, JSON.stringify(kept))
    journal.write(login('192.0.2.6'))
    await start()
    await permits('192.0.2.6')
  })

  test.each(['SIGKILL', 'SIGTERM'] as const)(
    '%s and a restart: nothing is lost, nothing counts twice',
    async (signal) => {
      const before = await logStatus(dracd)
      const net = signal === 'SIGKILL' ? '198.51.100' : '198.51.101'
      for (let i = 0; i < 40; i++) journal.write(login(`${net}.${i}`))
      await permits(`${net}.20`)
      await dracd.end(signal)
      if (signal === 'SIGTERM') expect(children(folder)).toEqual([])
      for (let i = 40; i < 60; i++) journal.write(login(`${net}.${i}`))
      await start()
      await permits(`${net}.59`)
      for (let i = 0; i < 60; i++) expect(await dracd.lookup(`${net}.${i}`), `${net}.${i}`).toBe('OK OK')
      expect(await logStatus(dracd)).toMatchObject({ events: before.events + 60, lines: before.lines + 60 })
      journal.write(login(`${net}.99`))
      await permits(`${net}.99`)
      await until('one journalctl', () => children(folder).length === 1)
    },
  )
})
