// What can go wrong with the file, in one line for the administrator: what happened, where, and the cure.
import { messageOf } from '../lib/errors.ts'

/** Primary result codes, https://sqlite.org/rescode.html; node:sqlite gives the extended code in `errcode`. */
export const ResultCode = {
  PERM: 3,
  BUSY: 5,
  LOCKED: 6,
  NOMEM: 7,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  NOTADB: 26,
} as const

const ROOM = 'make room on its file system; dracd goes on by itself'
const ACCESS = 'let the user that dracd runs as write the file and its directory; dracd goes on by itself'
const REPAIR = 'move it away (dracd then starts an empty one) or put a good copy in its place'
const DISK = 'look for disk errors in the kernel log'

const CURE_BY_RESULT: Readonly<Record<number, string>> = {
  [ResultCode.PERM]: ACCESS,
  [ResultCode.READONLY]: ACCESS,
  [ResultCode.CANTOPEN]: ACCESS,
  [ResultCode.BUSY]: 'another program keeps it locked; end that program',
  [ResultCode.LOCKED]: 'another program keeps it locked; end that program',
  [ResultCode.IOERR]: DISK,
  [ResultCode.CORRUPT]: REPAIR,
  [ResultCode.NOTADB]: REPAIR,
  [ResultCode.FULL]: ROOM,
}
const CURE_BY_ERRNO: Readonly<Record<string, string>> = {
  ENOSPC: ROOM,
  EDQUOT: ROOM,
  EFBIG: 'raise the file size limit of dracd',
  EACCES: ACCESS,
  EPERM: ACCESS,
  EROFS: ACCESS,
  EIO: DISK,
}

/** SQLite's primary result code, 0 for an error that is not SQLite's. */
export function resultCode(error: unknown): number {
  const code = (error as { errcode?: unknown } | undefined)?.errcode
  return typeof code === 'number' ? code & 0xff : 0
}

export const isBusy = (error: unknown): boolean =>
  resultCode(error) === ResultCode.BUSY || resultCode(error) === ResultCode.LOCKED

/** `path: what happened; the cure`. */
export function describeTrouble(path: string, error: unknown): string {
  const errno = (error as { code?: unknown } | undefined)?.code
  const cure = CURE_BY_RESULT[resultCode(error)] ?? (typeof errno === 'string' ? CURE_BY_ERRNO[errno] : undefined)
  const what = messageOf(error).replaceAll(/\s+/g, ' ')
  const where = what.includes(path) ? what : `${path}: ${what}`
  return cure === undefined ? where : `${where}; ${cure}`
}

/** Damage that we found ourselves, with the same cure as SQLite's own finding. */
export const damage = (what: string): Error => Object.assign(new Error(what), { errcode: ResultCode.CORRUPT as number })
