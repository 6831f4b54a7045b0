// drac-report, made once for each test file that runs it in a namespace.
import { join } from 'node:path'
import { make, temporaryFolder } from '../libdrac/toolchain.ts'

/** The program's path, in a folder of its own. */
export function buildDracReport(): string {
  const folder = temporaryFolder()
  const program = join(folder, 'drac-report')
  make(folder, program)
  return program
}
