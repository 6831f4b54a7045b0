// The file of a unix socket: what a killed daemon left behind is removed, what somebody serves or owns is not.
import { lstat, unlink } from 'node:fs/promises'
import { connect } from 'node:net'
import { configError } from '../lib/errors.ts'

/**
 * Makes way for a new socket at `path`: nothing there is fine, a socket that nobody serves is unlinked.
 * Throws `config` DRAC_LISTEN when something else is there or somebody answers.
 */
export async function clearUnixPath(path: string): Promise<void> {
  const stats = await lstat(path).catch(() => undefined)
  if (stats === undefined) return
  if (!stats.isSocket()) {
    throw configError('DRAC_LISTEN', `cannot listen on unix:${path}: a file that is no socket is in the way; move it`)
  }
  if (!(await isStale(path))) {
    throw configError('DRAC_LISTEN', `cannot listen on unix:${path}: another process serves it; stop that one first`)
  }
  await unlink(path).catch(() => {}) // gone already, or not ours to remove: then bind says so
}

/** Only a refused connection proves that nobody listens; no permission and a full backlog do not. */
function isStale(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'))
  })
}
