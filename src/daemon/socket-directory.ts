import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { cannotListen } from '../net/bind-error.ts'
import type { Endpoint } from '../net/endpoint.ts'

/** Makes the directory of a unix socket, /run/drac say, when only its last part is missing. Rights to the sockets are their own. */
export function makeSocketDirectory(endpoint: Endpoint): void {
  if (endpoint.transport !== 'unix' || endpoint.fd !== undefined) return
  try {
    mkdirSync(dirname(endpoint.path), { mode: 0o755 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannotListen(endpoint, error)
  }
}
