// How far a file has been read, and how it is known again.
import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'

/** Bytes that are compared: those before the place that was read to, and the first of the file. */
export const PRINT = 256

/** As of one moment; the bytes are never changed. */
export interface Mark {
  /** Its name when it was opened, links resolved. */
  readonly file: string
  readonly dev: number
  readonly ino: number
  /** Where the first line begins that was not read yet. */
  readonly offset: number
  /** The offset is amid a line that is too long, the rest of which is to be dropped. */
  readonly skip: boolean
  /** The bytes before the offset, at most PRINT. */
  readonly print: Buffer
  /** The first bytes of the file, at most PRINT and not past the offset. */
  readonly head: Buffer
}

export interface StoredPrint {
  readonly length: number
  readonly sha256: string
}

/** In the state directory: log lines name users, so they are not copied there. */
export interface StoredMark extends Omit<Mark, 'print' | 'head'> {
  readonly print: StoredPrint
  readonly head: StoredPrint
}

const storedPrint = (bytes: Buffer): StoredPrint => ({
  length: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
})

export const storedMark = (mark: Mark): StoredMark => ({
  ...mark,
  print: storedPrint(mark.print),
  head: storedPrint(mark.head),
})

/** The mark as it is in this file, if it was made there: the bytes before its offset are the same. */
export async function markIn(handle: FileHandle, mark: StoredMark): Promise<Mark | undefined> {
  const print = await bytesOf(handle, mark.offset - mark.print.length, mark.print)
  if (!print) return undefined
  const head = await bytesOf(handle, 0, mark.head)
  return head && { ...mark, print, head }
}

/** The first bytes of a file as they are now. */
export async function headOf(handle: FileHandle): Promise<StoredPrint> {
  const bytes = Buffer.alloc(PRINT)
  const { bytesRead } = await handle.read(bytes, 0, PRINT, 0)
  return storedPrint(bytes.subarray(0, bytesRead))
}

/** Whether the file begins as the one of the mark did. */
export const beginsAlike = async (handle: FileHandle, head: StoredPrint): Promise<boolean> =>
  head.length > 0 && (await bytesOf(handle, 0, head)) !== undefined

async function bytesOf(handle: FileHandle, at: number, print: StoredPrint): Promise<Buffer | undefined> {
  if (at < 0) return undefined
  const bytes = Buffer.alloc(print.length)
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, at)
  return bytesRead === bytes.length && storedPrint(bytes).sha256 === print.sha256 ? bytes : undefined
}

export function isStoredMark(value: unknown): value is StoredMark {
  const { file, dev, ino, offset, skip, print, head } = (value ?? {}) as Partial<StoredMark>
  const numbers = [dev, ino, offset].every((number) => Number.isSafeInteger(number) && number! >= 0)
  return typeof file === 'string' && numbers && typeof skip === 'boolean' && isPrint(print) && isPrint(head)
}

function isPrint(value: unknown): value is StoredPrint {
  const { length, sha256 } = (value ?? {}) as Partial<StoredPrint>
  return Number.isInteger(length) && length! >= 0 && length! <= PRINT && typeof sha256 === 'string'
}
