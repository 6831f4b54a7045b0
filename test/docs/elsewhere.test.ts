// Pages outside of docs/: which test runs what they say, and what "Test it" of the page of Postfix says.
import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { skipping } from '../interop/programs.ts'
import { isAsExpected } from './blocks.ts'
import { World } from './world.ts'

/** By the beginning of their paths. */
const RUN_BY: Readonly<Record<string, string>> = {
  'README.md': 'test/docs/readme.test.ts',
  'docs/': 'test/docs/pages.test.ts',
  'integrations/': 'test/interop and test/mta run what drac setup prints, which is what these pages show',
  'packaging/': 'the tests of the packages',
}

const blocks = (markdown: string): string[] =>
  [...markdown.matchAll(/^(?: {4}(?=\S)|```\w+ ?\n\$ )(.*)$/gm)].map((match) => match[1]!)

test('every page with commands is run by some test', () => {
  const pages = globSync(['*.md', '{docs,integrations,libdrac,bench,packaging}/**/*.md']).filter((page) => {
    const markdown = readFileSync(page, 'utf8')
    return blocks(markdown).length > 0
  })
  expect(pages.length).toBeGreaterThan(10)
  const nobodys = pages.filter((page) => !Object.keys(RUN_BY).some((start) => page.startsWith(start)))
  expect(nobodys, 'say in test/docs/elsewhere.test.ts what runs them').toEqual([])
  for (const [start, by] of Object.entries(RUN_BY)) console.warn(`commands of ${start}: ${by}`)
})

/** The lines below "## Test it", each with what its comment expects when that is not prose. */
function testIt(page: string): { command: string; comment: string | undefined }[] {
  const section =
    readFileSync(page, 'utf8')
      .split(/^## /m)
      .find((text) => text.startsWith('Test it\n')) ?? ''
  return [...section.matchAll(/^ {4}(\S.*?)(?: +# (.*))?$/gm)].map((match) => ({
    command: match[1]!,
    comment: match[2],
  }))
}

test.skipIf(skipping('test/docs/elsewhere.test.ts', 'postfix', 'postfix-maps', 'rpcbind'))(
  'integrations/postfix/README.md: Test it',
  { timeout: 120_000 },
  async () => {
    const world = await World.open()
    try {
      await world.services.dracd!.start()
      const lines = testIt('integrations/postfix/README.md')
      expect(lines.length).toBeGreaterThan(2)
      for (const { command, comment } of lines) {
        const { code, output } = await world.type(command, 0)
        expect(code, `${command}\n${output}`).toBe(0)
        if (comment === 'OK') expect(isAsExpected([comment], output), `${command}\n${output}`).toBe(true)
      }
    } finally {
      await world.close()
    }
  },
)
