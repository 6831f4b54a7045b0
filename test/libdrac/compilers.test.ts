// No warning from any compiler; no finding from AddressSanitizer, UndefinedBehaviorSanitizer, ThreadSanitizer and
// valgrind over calls that succeed, fail and time out, nor from a minute of libFuzzer.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Child, stopAll } from './children.ts'
import { type Fake, startFake } from './fake.ts'
import { compile, make, removeFolder, skipping, type Tool, temporaryFolder } from './toolchain.ts'

const CHECKED = '-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all'
/** A label of 64 characters, which no resolver can ask a name server about (RFC 1035 section 2.3.4). */
const NO_HOST = 'x'.repeat(64)
const BEHAVIOURS = ['success', 'perm', 'silent', 'junk', 'verifier-400', 'verifier-huge', 'half-result', 'first-lost']

/** `make check` builds with -std=c99 and -std=c11 and -Werror, and compares what is exported with the API. */
const COMPILERS: readonly [cc: string, cflags: string, tool: Tool][] = [
  ['gcc', '-O2', 'gcc'],
  ['clang', '-O1', 'clang'],
  ['musl-gcc', '-O1', 'musl-tools'],
]
afterAll(stopAll)

const unable = skipping('libdrac under sanitizers', 'gcc')
const unableToFuzz = skipping("libdrac's parsers under libFuzzer", 'gcc', 'clang', 'libclang-rt-14-dev')

describe.skipIf(unable)('no finding', () => {
  const folder = temporaryFolder()
  let fake: Fake
  /** Runs while the other tests do. */
  let fuzzing: Child | undefined
  const server = (behaviour: string) => `127.0.0.1:${fake.ports[BEHAVIOURS.indexOf(behaviour)]}`
  /** Everything that call.c can do. */
  function steps(): string[] {
    const all = BEHAVIOURS.map(server).join(' ')
    return [
      ...BEHAVIOURS.flatMap((behaviour) => ['auth', server(behaviour), '192.0.2.1']),
      ...['auth6', all, '2001:db8::fffe', 'auth6', server('success'), '::ffff:192.0.2.1'],
      ...['conn', all, 'send', '192.0.2.1', 'disc', 'disc', 'conn6', 'localhost', 'send6', '::1', 'disc6'],
      ...['auth', '', '0.0.0.0', 'auth', 'localhost', '192.0.2.1', 'auth', '[::1]:1 x:0 ,[', '192.0.2.1'],
      ...['auth', `${NO_HOST}:1`, '192.0.2.1', 'threads', '8', server('success')],
      ...['conn', server('success'), 'fork', 'send', '192.0.2.9', 'disc'],
    ]
  }
  function run(command: readonly string[], args: readonly string[], env: NodeJS.ProcessEnv = {}, input = '') {
    const all = { ...process.env, DRAC_TIMEOUT: '0.3', ...env }
    const options = { encoding: 'utf8', env: all, timeout: 120_000, input } as const
    const { status, stderr, stdout } = spawnSync(command[0]!, [...command.slice(1), ...args], options)
    return { status, report: `${stderr}`, stdout }
  }

  beforeAll(async () => {
    if (!unableToFuzz) {
      const seconds = process.env.DRAC_FUZZ_SECONDS ?? '60'
      const target = ['fuzz', `O=${join(folder, 'fuzz')}`, `FUZZ_SECONDS=${seconds}`]
      fuzzing = new Child('make', ['-C', resolve('libdrac'), ...target])
    }
    fake = await startFake(BEHAVIOURS.map((behaviour) => `127.0.0.1:0=${behaviour}`))
  })
  afterAll(async () => {
    await fuzzing?.stop()
    await fake?.stop()
    removeFolder(folder)
  })

  describe.each(COMPILERS)('%s', (cc, cflags, tool) => {
    test.skipIf(skipping(`libdrac with ${cc}`, tool))('no warning, C99 and C11, and the API alone is exported', () => {
      make(join(folder, cc), 'check', `CC=${cc}`, `CFLAGS=${cflags}`)
    })
  })

  test('AddressSanitizer and UndefinedBehaviorSanitizer', () => {
    const checked = join(folder, 'asan')
    make(checked, 'all', `CFLAGS=${CHECKED}`, `LDFLAGS=${CHECKED}`)
    const call = compile(checked, 'call', { flags: CHECKED.split(' ') })
    const done = run([call], steps())
    expect(done).toMatchObject({ status: 0, report: '' })
    expect(done.stdout.split('\n').filter((line) => line.startsWith('0\t')).length).toBeGreaterThan(8)

    const report = [join(checked, 'drac-report')]
    const cyrus = '{"event":"Login","service":"imap","clientIP":"192.0.2.1","user":"\\u00e9\\"x"}'
    for (const [args, env, input] of [
      [['--host', server('success'), '192.0.2.1'], {}, ''],
      [['--host', server('success'), '--cyrus', '--exit-status', '--verbose'], {}, cyrus],
      [['--host', server('success'), '--pam', '--exit-status'], { PAM_TYPE: 'account', PAM_RHOST: '::1:2' }, ''],
      [['--host', server('success'), '--courier', '--exit-status'], { TCPREMOTEIP: '::ffff:192.0.2.1' }, ''],
    ] as const) {
      const { status, report: stderr } = run(report, args, env, input)
      expect([args, status, stderr]).toEqual([args, 0, expect.not.stringMatching(/Sanitizer|runtime error/)])
    }
    for (const args of [['--what'], ['--control', 'unix:/none', '192.0.2.1'], ['--host', server('perm'), '::1'], ['x']])
      expect(run(report, args).report).not.toMatch(/Sanitizer|runtime error/)
  })

  test('ThreadSanitizer', ({ skip }) => {
    const flags = '-g -O1 -fsanitize=thread'
    const checked = join(folder, 'tsan')
    make(checked, join(checked, 'libdrac.a'), `CFLAGS=${flags}`)
    const call = compile(checked, 'call', { flags: flags.split(' ') })
    const args = ['threads', '8', server('success'), 'auth', `${NO_HOST}:1`, '192.0.2.1']
    const done = run([call], args)
    if (done.report.includes('unexpected memory mapping')) {
      console.warn('skipped: libdrac under ThreadSanitizer: this compiler cannot run it on this kernel')
      skip()
    }
    expect(done).toMatchObject({ status: 0, report: '' })
  })

  test.skipIf(skipping('libdrac under valgrind', 'valgrind'))('valgrind', () => {
    make(folder, 'CFLAGS=-g -O1')
    const call = compile(folder, 'call')
    const valgrind = [
      'valgrind',
      '-q',
      '--error-exitcode=9',
      '--leak-check=full',
      '--track-fds=yes',
      '--fair-sched=yes',
    ]
    expect(run([...valgrind, call], steps(), { DRAC_TIMEOUT: '1' })).toMatchObject({
      status: 0,
      report: expect.not.stringContaining('Invalid'),
    })
    const report = run([...valgrind, join(folder, 'drac-report'), '--host', server('success')], ['192.0.2.1'])
    expect(report.status).toBe(0)
  })

  test.skipIf(unableToFuzz)('a minute of libFuzzer over all parsers', { timeout: 300_000 }, async () => {
    expect(readdirSync(resolve('libdrac/fuzz/corpus')).length).toBeGreaterThan(50)
    const status = await fuzzing!.end(280)
    expect([status, ...fuzzing!.lines.slice(-30)]).toEqual([0, ...fuzzing!.lines.slice(-30)])
    expect(fuzzing!.lines.some((line) => /^stat::number_of_executed_units: [1-9]/.test(line))).toBe(true)
  })
})
