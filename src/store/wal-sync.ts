// Makes a commit durable: fdatasync(2) of the -wal file before anybody is answered.
//
// Why `synchronous = NORMAL` with this is as durable as FULL. In WAL mode a commit is the appending of its frames to the
// -wal file; FULL differs from NORMAL only in that SQLite syncs the -wal file after them (sqlite3WalFrames, "sync_flags").
// We do that same sync ourselves, on a descriptor of the same file, before the answer: fdatasync writes back all dirty
// data of the inode, whoever wrote it, and the size that is needed to read it. What remains is done by SQLite at NORMAL
// too: it syncs the new header when a WAL starts over from its beginning (and the directory when the file is new), so
// that old frames cannot be taken for new ones; and a checkpoint syncs the -wal file before it copies pages and the
// database file before frames may be overwritten. Several commits may share a sync: an answer waits for one that began
// after its own commit ended. A failed sync is never tried again, for the kernel may have dropped the pages: the store
// goes down, and comes up only after what can still be read was written and synced anew.
//
// SQLite's own sync would hold up the event loop, and with it every look-up, for as long as the disk takes. Here a disk
// that answers fast is waited for in place, which saves two thread hops; a slow one is waited for in the thread pool.
import { closeSync, fdatasync, fdatasyncSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { performance } from 'node:perf_hooks'

/** What is asked of the disk. Tests hand in a slow or a broken one. */
export interface Disk {
  fdatasync(fd: number, done: (error: Error | null) => void): void
  fdatasyncSync(fd: number): void
}

/** Milliseconds that the event loop may stand still for the disk. */
const SLOW_MS = 3
/** After a slow sync, this many fast ones in a row make us trust the disk again. */
const TRUST_AFTER = 16

export class WalSync {
  readonly #disk: Disk
  readonly #fd: number
  #waitElsewhere = 0
  #underWay = 0
  #closing = false

  constructor(walPath: string, disk: Disk = { fdatasync, fdatasyncSync }) {
    this.#disk = disk
    this.#fd = openSync(walPath, 'r+')
  }

  /**
   * Makes the file `bytes` long beforehand, with zeroes: a sync after writing over a place takes a quarter less time than
   * one after appending, which must record the new length too (measured on ext4: 150 and 205 us). SQLite takes no notice
   * of what follows the last valid frame (https://sqlite.org/fileformat2.html section 4.1). Where there is no room, the file stays as it is.
   */
  reserve(bytes: number): void {
    const { size } = fstatSync(this.#fd)
    if (size >= bytes) return
    try {
      const zeroes = Buffer.alloc(bytes - size)
      for (let at = 0; at < zeroes.length; ) at += writeSync(this.#fd, zeroes, at, zeroes.length - at, size + at)
    } catch {
      ftruncateSync(this.#fd, size)
    }
  }

  /** Done on return, whatever the disk takes. */
  now(): void {
    this.#disk.fdatasyncSync(this.#fd)
  }

  /** Done on return, or when `done` is called later; the result says which: true is done. Throws what fdatasync throws. */
  sync(done: (error: Error | null) => void): boolean {
    const start = performance.now()
    if (this.#waitElsewhere === 0) {
      this.#disk.fdatasyncSync(this.#fd)
      this.#learn(performance.now() - start)
      return true
    }
    this.#underWay++
    this.#disk.fdatasync(this.#fd, (error) => {
      this.#underWay--
      this.#learn(performance.now() - start)
      if (this.#closing) this.close()
      done(error)
    })
    return false
  }

  #learn(milliseconds: number): void {
    if (milliseconds >= SLOW_MS) this.#waitElsewhere = TRUST_AFTER
    else if (this.#waitElsewhere > 0) this.#waitElsewhere--
  }

  /** The descriptor stays open as long as a sync of it is under way. */
  close(): void {
    this.#closing = true
    if (this.#underWay === 0) closeSync(this.#fd)
  }
}
