// Writes every file that is made from the program itself: the sample settings, man pages and shell completions.
// With --check it writes nothing, and fails when one of them is stale.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generated } from '../src/bin/manual/generated.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const stale = Object.entries(generated()).filter(([name, text]) => {
  const path = join(root, name)
  return !existsSync(path) || readFileSync(path, 'utf8') !== text
})

if (process.argv.includes('--check')) {
  for (const [name] of stale) console.error(`${name} is stale: npm run generate`)
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  for (const [name, text] of stale) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
    console.log(`wrote ${name}`)
  }
  if (stale.length === 0) console.log('nothing has changed')
}
