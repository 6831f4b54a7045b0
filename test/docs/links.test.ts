// Every link between the pages of the repository leads somewhere.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const PAGES = globSync(['*.md', '{docs,integrations,libdrac,bench,packaging}/**/*.md'], {
  exclude: ['**/node_modules/**'],
})
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')
const anchors = (markdown: string): string[] => [...markdown.matchAll(/^#+ (.*)$/gm)].map((match) => anchor(match[1]!))

test.each(PAGES)('%s', (page) => {
  const dead = [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|mailto:)([^)\s]*)\)/g)]
    .map((match) => match[1]!)
    .filter((link) => {
      const [path, fragment] = link.split('#') as [string, string?]
      const target = path === '' ? page : join(dirname(page), path)
      if (!existsSync(target)) return true
      return fragment !== undefined && !anchors(readFileSync(target, 'utf8')).includes(fragment)
    })
  expect(dead).toEqual([])
})
