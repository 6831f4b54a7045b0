import { mkdirSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { configError } from '../lib/errors.ts'
import { cannotListen } from '../net/bind-error.ts'
import { type Endpoint, formatEndpoint } from '../net/endpoint.ts'

const WORLD_WRITABLE = 0o002
const STICKY = 0o1000

/**
 * Makes the directory of a unix socket, /run/drac say, when only its last part is missing. Rights to the sockets are their
 * own. Throws `config` DRAC_LISTEN where everybody could put another in its place, which would answer mail servers "may
 * relay" while dracd is down.
 */
export function makeSocketDirectory(endpoint: Endpoint): void {
  if (endpoint.transport !== 'unix' || endpoint.fd !== undefined) return
  const directory = dirname(endpoint.path)
  try {
    mkdirSync(directory, { mode: 0o755 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannotListen(endpoint, error)
  }
  const open = [directory, realpathSync(directory)].flatMap(waysIn)[0]
  if (open === undefined) return
  const cure = `${open} is writable by everybody, who could answer in its place; use a directory such as /run/drac`
  throw configError('DRAC_LISTEN', `cannot listen on ${formatEndpoint(endpoint)}: ${cure}`)
}

/** Directories on the way in which everybody can put something else; above the last, a sticky one such as /tmp is none. */
function waysIn(directory: string): string[] {
  const open: string[] = []
  for (let at = directory; ; at = dirname(at)) {
    const { mode } = statSync(at)
    if (mode & WORLD_WRITABLE && (at === directory || !(mode & STICKY))) open.push(at)
    if (at === dirname(at)) return open
  }
}
