// Opens a log, if nobody but its keepers can write to it: whoever can write to a log can authorize anybody to relay.
import { constants, type Stats } from 'node:fs'
import { type FileHandle, open, readlink, realpath, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { configError, DracError } from '../../../lib/errors.ts'

const WORLD_WRITABLE = 0o002
const STICKY = 0o1000
const MAX_LINKS = 16

export interface OpenFile {
  readonly path: string
  readonly handle: FileHandle
  readonly stats: Stats
}

/**
 * Follows symbolic links. Throws `config` DRAC_LOG_UNSAFE for a file that everybody can write to or replace, and
 * DRAC_LOG_FILE for what is no file; rejects with the system's error when it cannot be opened.
 */
export async function safeOpen(path: string): Promise<OpenFile> {
  // Without waiting: a FIFO is opened only when somebody writes to it.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stats = await handle.stat()
    if (!stats.isFile()) throw configError('DRAC_LOG_FILE', `${path} is not a file`)
    checkMode(path, stats)
    await checkWay(path)
    return { path, handle, stats }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** Before it is followed: what is not there, or cannot be read, is waited for. Throws `config` for what must never be followed. */
export async function checkLogFile(path: string): Promise<void> {
  try {
    await checkWay(path)
    const { handle } = await safeOpen(path)
    await handle.close()
  } catch (error) {
    if (error instanceof DracError) throw error
  }
}

/** Throws `config` DRAC_LOG_UNSAFE when everybody can write to it. */
export function checkMode(path: string, { mode }: Pick<Stats, 'mode'>): void {
  if (mode & WORLD_WRITABLE) throw unsafe(path, path)
}

/** Every directory that the name, and each link it leads over, goes through. Throws `config` DRAC_LOG_UNSAFE; rejects with the system's error. */
export async function checkWay(path: string): Promise<void> {
  let hop = path
  for (let links = 0; links < MAX_LINKS; links++) {
    const directory = dirname(hop)
    await checkDirectories(directory, path)
    const real = await realpath(directory)
    if (real !== directory) await checkDirectories(real, path)
    const target = await readlink(hop).catch(() => undefined)
    if (target === undefined) return
    hop = resolve(real, target)
  }
}

/** The directory itself must be its owner's and group's; those above it may be like /tmp, where nobody can rename what is another's. */
async function checkDirectories(directory: string, log: string): Promise<void> {
  for (let at = directory; ; at = dirname(at)) {
    const { mode } = await stat(at)
    if (mode & WORLD_WRITABLE && (at === directory || !(mode & STICKY))) throw unsafe(at, log)
    if (at === dirname(at)) return
  }
}

const unsafe = (path: string, log: string): Error =>
  configError(
    'DRAC_LOG_UNSAFE',
    `${log}: ${path === log ? 'it' : path} is writable by everybody, who could then authorise anybody to relay; ${
      path === log ? `run: chmod o-w ${path}` : `run: chmod o-w ${path}, or log to a directory of its own`
    }`,
  )
