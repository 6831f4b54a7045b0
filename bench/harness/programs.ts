// The programs of this run: those of bench/c, and the daemon as it is installed.
import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const NAMES = ['responder', 'load-adds', 'load-lookups', 'echo-netstring'] as const
export type Program = (typeof NAMES)[number]
/** Where each compiled program lies. */
export type Programs = Readonly<Record<Program, string>>

const run = promisify(execFile)
const SOURCES = join(import.meta.dirname, '../c')

/** Compiles all with `cc -O2` (or $CC) into `folder`. Throws what the compiler said. */
export async function compile(folder: string): Promise<Programs> {
  const paths = NAMES.map((name) => [name, join(folder, name)] as const)
  await Promise.all(
    paths.map(([name, path]) => run(process.env.CC ?? 'cc', ['-O2', '-Wall', '-o', path, join(SOURCES, `${name}.c`)])),
  )
  return Object.fromEntries(paths) as Programs
}

const ROOT = resolve(import.meta.dirname, '../..')

/**
 * The daemon as JavaScript in `folder`, which must lie in the checkout to find its packages. That is what is installed;
 * from TypeScript it needs some 90 MB more, for the stripper of types in each thread. Returns the path of its dracd.js.
 */
export async function buildDaemon(folder: string): Promise<string> {
  const config = join(folder, 'tsconfig.json')
  const compilerOptions = { noEmit: false, outDir: join(folder, 'dist'), rootDir: join(ROOT, 'src') }
  const extend = { extends: join(ROOT, 'tsconfig.json'), include: [join(ROOT, 'src')], exclude: ['**/*.test.ts'] }
  writeFileSync(config, JSON.stringify({ ...extend, compilerOptions }))
  copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'))
  const program = join(folder, 'dist/bin/dracd.js')
  try {
    await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', config])
  } catch (error) {
    // Wrong types are the linter's to report; JavaScript is written all the same.
    if (!existsSync(program)) throw error
  }
  return program
}
