// The man pages: that they are well formed, and that they and the programs speak of the same options.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { dracCommand } from '../../src/bin/drac.ts'
import { describeCommands } from '../../src/bin/manual/commands.ts'
import { USAGE } from '../../src/daemon/argv.ts'

const PAGES = readdirSync('man').map((name) => `man/${name}`)
const plain = (page: string): string => readFileSync(page, 'utf8').replaceAll('\\-', '-').replaceAll('\\(dq', '"')
const has = (program: string): boolean => spawnSync(program, ['--version']).error === undefined

const linter = (['mandoc', 'man'] as const).find(has)
if (!linter)
  console.warn('skipped: test/docs/man.test.ts: no mandoc, no man: npm test as root on Debian fetches mandoc')
const LINT = { mandoc: ['-Tlint', '-W', 'warning'], man: ['--warnings', '-E', 'UTF-8', '-Tutf8', '-Z', '-l'] } as const

test.skipIf(!linter).each(PAGES)('%s is well formed', (page) => {
  const { stdout, stderr } = spawnSync(linter!, [...LINT[linter!], page], { encoding: 'utf8' })
  expect((linter === 'mandoc' ? stdout : '') + stderr).toBe('')
})

test('a malformed page is seen', () => {
  if (!linter) return
  const broken = spawnSync('mandoc', LINT.mandoc, { input: '.TH X 1 "soon"\n.XX\n.SH\n.TP\n', encoding: 'utf8' })
  if (linter === 'mandoc') expect(broken.stdout).toMatch(/WARNING|ERROR/)
})

test('every command and option of drac is in drac(1), and nothing else', () => {
  const page = plain('man/drac.1')
  const sections = page.split(/^\.SS /m).slice(1)
  const described = sections.map((text) => ({
    name: /^"drac ([a-z]+(?: [a-z]+)*)/.exec(text)![1]!,
    options: [...text.split(/^\.SH /m)[0]!.matchAll(/^\.B "(?:-\w, )?(--[\w-]+)/gm)].map((match) => match[1]!).sort(),
  }))
  const known = describeCommands(dracCommand()).map(({ name, options }) => ({
    name,
    options: options.map(({ long }) => long).sort(),
  }))
  expect(described).toEqual(known)
  expect(known.map(({ name }) => name)).toEqual(expect.arrayContaining(['auth', 'permit', 'config', 'check', 'setup']))
})

test('every option of dracd is in dracd(8), and nothing else', () => {
  const options = (text: string): string[] => [...new Set(text.match(/(?<![\w-])--?[a-z][a-z-]*/g))].sort()
  const page = plain('man/dracd.8')
  const section = page.slice(page.indexOf('.SH OPTIONS'), page.indexOf('.SH SIGNALS'))
  const tags = section.split('\n').filter((_, i, lines) => lines[i - 1] === '.TP')
  expect(options(tags.join('\n')).filter((option) => option !== '-h')).toEqual(options(USAGE))
})

test('every page that is referred to is here or belongs to somebody else', () => {
  const ours = new Set(PAGES.map((page) => page.replace(/^man\/(.*)\.(\d)$/, '$1($2)')))
  const others = new Set(['pam_exec(8)', 'fork(2)', 'inet_addr(3)'])
  for (const page of PAGES) {
    const refs = [...plain(page).matchAll(/^\.BR ([\w.-]+) \((\d)\)/gm)].map((match) => `${match[1]}(${match[2]})`)
    for (const ref of refs) expect(ours.has(ref) || others.has(ref), `${page} refers to ${ref}`).toBe(true)
  }
})
