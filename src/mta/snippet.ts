// The configuration texts of integrations/: the pages show them, the interoperability tests run them, "drac setup" prints
// them with the endpoints of the settings in place of the ones they have as they stand.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { getAsset, isSea } from 'node:sea'
import { configError } from '../lib/errors.ts'

/** From the sources and from dist/ alike: two folders up. */
const FOLDER = join(import.meta.dirname ?? '.', '..', '..', 'integrations')

/**
 * @param name below integrations/; in a single executable an asset of the name "integrations/NAME"
 * @param replace what stands in the file -> what shall stand there; each must occur
 */
export function snippet(name: string, replace: Readonly<Record<string, string>> = {}): string {
  let text = read(name)
  for (const [from, to] of Object.entries(replace)) {
    if (!text.includes(from)) throw new Error(`integrations/${name}: ${JSON.stringify(from)} is not in it`)
    text = text.replaceAll(from, () => to)
  }
  return text
}

function read(name: string): string {
  if (isSea()) return getAsset(`integrations/${name}`, 'utf8')
  const path = join(FOLDER, name)
  if (existsSync(path)) return readFileSync(path, 'utf8')
  throw configError('DRAC_SNIPPET', `${path} is missing: this drac was installed without its integrations folder`)
}
