// Changed files are put in place whole or not at all: backup, replacement, the MTA's own check, and back when it fails.
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { configError, messageOf } from '../../lib/errors.ts'
import type { Syntax } from '../plan.ts'

export interface Change {
  readonly path: string
  /** The whole file. */
  readonly content: string
}

export interface Written {
  readonly path: string
  /** Left out for a file that was not there. */
  readonly backup?: string
}

export type Applied =
  | { readonly status: 'unchanged' }
  | { readonly status: 'written'; readonly files: readonly Written[]; readonly syntax: Syntax }
  /** Everything is as it was. */
  | { readonly status: 'rolled-back'; readonly files: readonly Written[]; readonly syntax: Syntax }

/**
 * Puts the changes in place, asks `syntax`, and takes them back unless it says that they are good.
 * Throws `config` DRAC_WRITE, with everything as it was, when a file cannot be written.
 * @param now names the backups, in local time
 */
export function apply(changes: readonly Change[], syntax: () => Syntax, now: Date): Applied {
  const wanted = changes.filter(({ path, content }) => textOf(path) !== content)
  if (wanted.length === 0) return { status: 'unchanged' }
  const files: Written[] = []
  try {
    for (const { path, content } of wanted) files.push(replace(realPath(path), content, now))
  } catch (error) {
    takeBack(files)
    throw configError('DRAC_WRITE', `nothing was changed: ${messageOf(error)}`, error)
  }
  const checked = syntax()
  if (checked.state === 'good') return { status: 'written', files, syntax: checked }
  takeBack(files)
  return { status: 'rolled-back', files, syntax: checked }
}

const textOf = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)

/** A symbolic link stays one: what it leads to is replaced. */
const realPath = (path: string): string => (existsSync(path) ? realpathSync(path) : path)

function replace(path: string, content: string, now: Date): Written {
  if (!existsSync(path)) {
    put(path, content, undefined)
    return { path }
  }
  const backup = free(`${path}.drac-${stamp(now)}`)
  put(backup, readFileSync(path), path)
  put(path, content, path)
  return { path, backup }
}

/** A backup of the same second is not written over: `NAME-2`, `NAME-3`. */
function free(name: string): string {
  for (let n = 1; ; n++) {
    const path = n === 1 ? name : `${name}-${n}`
    if (!existsSync(path)) return path
  }
}

/** Beside the file, synced, renamed over it; mode and owner are those of `like`. */
function put(path: string, content: string | Uint8Array, like: string | undefined): void {
  const temporary = join(dirname(path), `.${basename(path)}.drac-${process.pid}`)
  const descriptor = openSync(temporary, 'wx', 0o600)
  try {
    const bytes = Buffer.from(content as string)
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
    if (like === undefined) chmodSync(temporary, 0o644)
    else {
      const { mode, uid, gid } = statSync(like)
      const own = statSync(temporary)
      if (own.uid !== uid || own.gid !== gid) chownSync(temporary, uid, gid)
      chmodSync(temporary, mode & 0o7777)
    }
    fsyncSync(descriptor)
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  } finally {
    closeSync(descriptor)
  }
}

function takeBack(files: readonly Written[]): void {
  for (const { path, backup } of [...files].reverse()) {
    if (backup === undefined) rmSync(path, { force: true })
    else renameSync(backup, path)
  }
}

/** `20261123-021510`. */
function stamp(now: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0')
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`
  return `${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`
}
