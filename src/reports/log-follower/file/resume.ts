// Finds again, after a restart, what was being read.

import { Generation, type Identity, sameFile } from './generation.ts'
import { beginsAlike, markIn, type StoredMark, type StoredPrint } from './mark.ts'
import { type OpenFile, safeOpen } from './safe-open.ts'
import type { Sibling } from './siblings.ts'

/**
 * The file of a mark, whatever it is called now: the one with its inode, else one with the same content, such as the copy
 * made before the log was cut. The bytes before the offset must be the same. Undefined when there is none.
 * @param own names that are the log's own: a file found there is no copy
 */
export async function findMarked(
  mark: StoredMark,
  own: readonly string[],
  rotated: readonly Sibling[],
): Promise<Generation | undefined> {
  const names = [...new Set([...own, ...rotated.map((each) => each.path)])]
  const opened = (await Promise.all(names.map(tryOpen))).filter((file) => file !== undefined)
  const sameFirst = opened.toSorted((a, b) => Number(b.stats.ino === mark.ino) - Number(a.stats.ino === mark.ino))
  let found: Generation | undefined
  for (const { path, handle, stats } of sameFirst) {
    const same = stats.ino === mark.ino
    // An empty mark would fit every file.
    const fits = found === undefined && (same || mark.print.length > 0)
    const here = fits ? await markIn(handle, mark).catch(() => undefined) : undefined
    if (here)
      found = new Generation(
        handle,
        { ...here, file: path, dev: stats.dev, ino: stats.ino },
        !same && !own.includes(path),
      )
    else await handle.close()
  }
  return found
}

export interface Rotated {
  /** Oldest first. */
  readonly unread: readonly OpenFile[]
  /** Those that begin like one that is known: they were read where they were copied from. */
  readonly copies: readonly Sibling[]
}

/** Rotated files that came to be after a moment and are none of those known. */
export async function findUnread(
  rotated: readonly Sibling[],
  sinceMs: number,
  known: readonly Identity[],
  heads: readonly StoredPrint[],
): Promise<Rotated> {
  const unread: OpenFile[] = []
  const copies: Sibling[] = []
  for (const sibling of rotated) {
    const { stats } = sibling
    if (Math.min(stats.mtimeMs, stats.birthtimeMs) < sinceMs || known.some((id) => sameFile(id, stats))) continue
    const file = await tryOpen(sibling.path)
    if (!file) continue
    const alike = await Promise.all(heads.map((head) => beginsAlike(file.handle, head)))
    if (!alike.some(Boolean)) unread.push(file)
    else {
      copies.push(sibling)
      await file.handle.close()
    }
  }
  return { unread, copies }
}

const tryOpen = (path: string): Promise<OpenFile | undefined> => safeOpen(path).catch(() => undefined)
