// The C programs of bench/c, compiled for this run.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
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
