// The program and each of its threads as one script, dependencies included: what a single executable holds.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

/** Programs of threads by the name that src/lib/thread.ts asks for. */
const THREADS = {
  'maintenance-worker': 'src/store/maintenance-worker.ts',
  'search-worker': 'src/store/search-worker.ts',
  'image-worker': 'src/maps/publisher/image-worker.ts',
}

/** Names stay as they are, so that a stack trace still says something; spaces go, since V8 keeps the source in memory. */
const MINIFY = { compress: true, mangle: false, codegen: { removeWhitespace: true } }

/** Writes into `folder`; returns the main script and the threads as assets of the executable, by name. */
export async function bundle(root, folder) {
  const main = join(folder, 'main.cjs')
  await script(root, 'src/bin/executable.ts', main)
  const assets = {}
  for (const [name, input] of Object.entries(THREADS)) {
    assets[`threads/${name}.js`] = join(folder, `${name}.cjs`)
    await script(root, input, assets[`threads/${name}.js`])
  }
  return { main, assets }
}

/** CommonJS: the only format that takes V8's code cache, which halves the time to load. */
async function script(root, input, file) {
  const build = await rolldown({ input, cwd: root, platform: 'node', logLevel: 'warn' })
  const { output } = await build.generate({ format: 'cjs', minify: MINIFY, codeSplitting: false })
  await build.close()
  writeFileSync(file, ascii(output[0].code))
}

/** One character beyond Latin-1 in it, and V8 keeps two bytes for each of a million and a half. */
const ascii = (code) => code.replace(/[^\0-\x7f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
