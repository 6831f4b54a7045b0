// Lays the contents of a package out below a folder, every file with the same owner, mode and time wherever it is built.
import { chmodSync, copyFileSync, lutimesSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** @param epoch seconds since 1970 for everything in it, folders included */
export function stage(folder, contents, epoch) {
  for (const [path, entry] of Object.entries(contents)) put(join(folder, path), entry)
  settle(folder, epoch)
}

function put(path, { file, text, gzip, link, folder, mode = 0o644 }) {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
  if (link !== undefined) return symlinkSync(link, path)
  if (folder) mkdirSync(path, { recursive: true })
  else if (file !== undefined) copyFileSync(file, path)
  else writeFileSync(path, gzip === undefined ? text : gzipSync(gzip, { level: 9 })) // no name and no time in it
  chmodSync(path, mode)
}

function settle(folder, epoch) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) settle(path, epoch)
    lutimesSync(path, epoch, epoch)
  }
  lutimesSync(folder, epoch, epoch)
}

/** Paths of files and links below a folder, sorted. */
export const listed = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
