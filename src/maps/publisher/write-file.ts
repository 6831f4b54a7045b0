// Puts a map file in place of another so that no reader ever sees half of one.
import { randomBytes } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, open, readdir, rename, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { configError } from '../../lib/errors.ts'

const MODE = 0o640
const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants

/**
 * Throws `config`: DRAC_MAP_DIRECTORY when anybody may put files beside the map (sendmail refuses such a map: "unsafe
 * map file") or there is no such directory, DRAC_MAP_FILE when what is there is a symbolic link or no regular file.
 */
export async function checkPlace(path: string): Promise<void> {
  const folder = dirname(path)
  const directory = await unlessMissing(stat(folder))
  if (!directory?.isDirectory()) {
    throw configError('DRAC_MAP_DIRECTORY', `map ${path}: there is no directory ${folder}; make it with mode 0755`)
  }
  if (directory.mode & 0o022) {
    const mode = (directory.mode & 0o7777).toString(8).padStart(4, '0')
    throw configError(
      'DRAC_MAP_DIRECTORY',
      `map ${path}: directory ${folder} has mode ${mode}, so others could put a map of their own there; chmod go-w ${folder}`,
    )
  }
  const file = await unlessMissing(lstat(path))
  if (file && !file.isFile()) {
    const what = file.isSymbolicLink() ? 'a symbolic link' : 'not a regular file'
    throw configError('DRAC_MAP_FILE', `map ${path}: is ${what}; name the file itself, or remove it`)
  }
}

/**
 * Temporary file, fsync, rename, fsync of the directory. Mode 0640; the group of the file before is kept where the
 * system lets us. Resolves with what is now in place.
 */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<Stats> {
  await checkPlace(path)
  const old = await openOld(path)
  try {
    const before = await old?.stat()
    const written = await writeTemporary(temporaryName(path), bytes, before)
    await moveInto(path, written)
    await old?.utimes(...later(before!)).catch(ignore)
    return written.stats
  } finally {
    await old?.close().catch(ignore)
  }
}

/** Removes the temporary files that a killed daemon left beside the map. */
export async function removeLeftovers(path: string): Promise<void> {
  const folder = dirname(path)
  const ours = (name: string): boolean =>
    name.startsWith(`.${basename(path)}.`) && /^[0-9a-f]{16}\.tmp$/.test(name.slice(basename(path).length + 2))
  for (const name of (await readdir(folder)).filter(ours)) await unlink(join(folder, name)).catch(ignore)
}

/** True while the file at `path` is the one that `replaceFile` left there, untouched. */
export async function isStill(path: string, written: Stats): Promise<boolean> {
  const now = await unlessMissing(lstat(path))
  return (
    now?.ino === written.ino && now.dev === written.dev && now.size === written.size && now.mtimeMs === written.mtimeMs
  )
}

const ignore = (): void => {}
const temporaryName = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${randomBytes(8).toString('hex')}.tmp`)

async function unlessMissing(found: Promise<Stats>): Promise<Stats | undefined> {
  try {
    return await found
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** The file that will be replaced, if we may open it. */
const openOld = (path: string): Promise<FileHandle | undefined> =>
  open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => undefined)

/**
 * An open sendmail session keeps the file it has, but asks for its times at every look-up and opens the path again when
 * they are later than at its opening: the old file is given a time 2 s ahead.
 */
function later({ mtimeMs }: Stats): [atime: number, mtime: number] {
  const now = Date.now() / 1000
  return [now, Math.max(now, mtimeMs / 1000) + 2]
}

/**
 * OpenSMTPD reads a map again when its time in whole seconds is another than before: two files of one second, the login
 * and its revocation say, would be the same to it. Each file is at least a second later than the one before, which runs
 * ahead of the clock while a map changes more than once a second.
 */
async function stamp(file: FileHandle, old: Stats | undefined): Promise<void> {
  const second = (ms: number): number => Math.floor(ms / 1000)
  const { atimeMs, mtimeMs } = await file.stat()
  if (old && second(mtimeMs) <= second(old.mtimeMs)) await file.utimes(atimeMs / 1000, second(old.mtimeMs) + 1)
}

interface Written {
  readonly name: string
  readonly stats: Stats
}

async function writeTemporary(name: string, bytes: Uint8Array, old: Stats | undefined): Promise<Written> {
  const file = await open(name, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o600)
  try {
    const { gid } = await file.stat()
    if (old && old.gid !== gid) await file.chown(-1, old.gid).catch(ignore)
    await file.chmod(MODE)
    await file.writeFile(bytes)
    await stamp(file, old)
    await file.sync()
    return { name, stats: await file.stat() }
  } catch (error) {
    await unlink(name).catch(ignore)
    throw error
  } finally {
    await file.close()
  }
}

async function moveInto(path: string, { name }: Written): Promise<void> {
  try {
    await rename(name, path)
  } catch (error) {
    await unlink(name).catch(ignore)
    throw error
  }
  const folder = await open(dirname(path), O_RDONLY | O_DIRECTORY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
