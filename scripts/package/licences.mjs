// The licences of what is compiled into the executable: Node.js, and the npm packages that the program needs.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** One text, Node.js first. */
export function licences(root) {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const folders = Object.entries(lock.packages)
    .filter(([path, { dev, optional }]) => path !== '' && !dev && !optional)
    .map(([path]) => join(root, path))
  const node = join(dirname(process.execPath), '..')
  return [node, ...folders].flatMap(licenceOf).join('\n\n')
}

function licenceOf(folder) {
  if (!existsSync(folder)) return []
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name))
  const name = folder.split('node_modules/').at(-1)
  return file === undefined ? [] : [`==== ${name}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`]
}
