import { realpathSync } from 'node:fs'
import { isSea } from 'node:sea'
import { fileURLToPath } from 'node:url'

/** True when Node.js was started with this file. A single executable has one program: executable.ts. */
export const isProgram = (moduleUrl: string): boolean =>
  !isSea() && process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(moduleUrl)
