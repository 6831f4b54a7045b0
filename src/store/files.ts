// The files of a store: the database, its -wal and -shm, and the lock beside it.
//
// POSIX locks belong to the process and the inode: closing any descriptor of the database file would drop the locks that
// SQLite holds on it (https://sqlite.org/howtocorrupt.html section 2.2). So this process never opens an existing
// database file except through SQLite; stat(2) is all that is done to it here. The -wal file carries no locks.
import { closeSync, constants, fchmodSync, lstatSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { configError } from '../lib/errors.ts'
import { damage, isBusy } from './trouble.ts'

const WORLD_WRITABLE = 0o002
/** Readable by the group, so that an MTA in it can look up for itself. */
const FILE_MODE = 0o640
const DIRECTORY_MODE = 0o750

export const walOf = (path: string): string => `${path}-wal`

/** The directory exists (made 0750 when missing). Throws `config` when anybody may write into it. */
export function prepareDirectory(path: string): void {
  const directory = dirname(path)
  mkdirSync(directory, { recursive: true, mode: DIRECTORY_MODE })
  refuseWorldWritable(directory)
}

/**
 * The database file exists afterwards, 0640 when it was made here. A -wal without its database belongs to a file that was
 * moved away: it is kept beside as -wal.orphan, because SQLite would delete it.
 * Throws `config` when anybody may write to the file, an error of damage when it was cut to nothing.
 */
export function prepareFile(path: string): void {
  const size = sizeOf(path)
  if (size === undefined) {
    setWalAside(path)
    createFile(path)
  } else if (size === 0 && (sizeOf(walOf(path)) ?? 0) > 0) {
    throw damage('the file is empty but its -wal is not: it was cut short')
  }
  refuseWorldWritable(path)
}

/** Keeps the -wal of a database that is no longer there as -wal.orphan: SQLite would delete it, or mix it into another. */
export function setWalAside(path: string): void {
  if ((sizeOf(walOf(path)) ?? 0) > 0) renameSync(walOf(path), `${walOf(path)}.orphan`)
}

/**
 * Holds the right to be the only daemon on a store: a lock on a file of its own, which vanishes with the process and does
 * not hinder programs that read the store. Throws `config` DRAC_STORE_LOCKED when another process has it.
 */
export function lockStore(path: string): DatabaseSync {
  const lockPath = `${path}.lock`
  if (sizeOf(lockPath) === undefined) createFile(lockPath)
  const lock = new DatabaseSync(lockPath, { timeout: 0 })
  try {
    // Nothing is ever written to it, so it needs no journal beside it.
    lock.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock.close()
    if (!isBusy(error)) throw error
    throw configError(
      'DRAC_STORE_LOCKED',
      `${path} is in use by another dracd, which holds ${lockPath}; stop that one or set another state_directory`,
      error,
    )
  }
}

export interface FileState {
  readonly dev: number
  readonly ino: number
  readonly size: number
  readonly mtimeMs: number
}

/** What the path leads to now; undefined when there is nothing. */
export function fileState(path: string): FileState | undefined {
  return statSync(path, { throwIfNoEntry: false })
}

export const sameFile = (a: FileState, b: FileState): boolean => a.ino === b.ino && a.dev === b.dev

const sizeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.size

/** Only ever makes a new file, so closing it cannot drop a lock of ours. */
function createFile(path: string): void {
  const fd = openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, FILE_MODE)
  try {
    fchmodSync(fd, FILE_MODE)
  } finally {
    closeSync(fd)
  }
}

function refuseWorldWritable(path: string): void {
  if ((lstatSync(path).mode & WORLD_WRITABLE) === 0) return
  throw configError(
    'DRAC_STORE_WORLD_WRITABLE',
    `${path} is writable by everybody, who could then authorise anybody to relay; run: chmod o-w ${path}`,
  )
}
