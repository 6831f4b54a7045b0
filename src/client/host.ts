// Which servers to tell, as the patches for UW imapd and Courier find them.
import { open } from 'node:fs/promises'
import { configError } from '../lib/errors.ts'
import { splitHosts } from './host-spec.ts'

export const DRACD_HOST_FILE = '/etc/mail/dracd.host'
/** More than this is not a file of host names. */
const MAX_FILE_BYTES = 65_536

export interface HostSources {
  /** From the command line or the caller's own settings; counts as soon as it is given, even if empty. */
  readonly argument?: string | undefined
  /** `process.env` when left out; DRACHOST counts as soon as it is set, even if empty. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** DRACD_HOST_FILE when left out. */
  readonly path?: string
}

/**
 * The hosts from the argument, else from DRACHOST, else from the file; several between commas, blanks or lines, and
 * `#` comments. An empty list means that DRAC is off: the setting is empty, or there is none and no file.
 * Throws `config` DRAC_HOST_FILE for a file that is there and cannot be read.
 */
export async function findHosts({ argument, env = process.env, path }: HostSources = {}): Promise<readonly string[]> {
  return splitHosts(argument ?? env.DRACHOST ?? (await readHostFile(path ?? DRACD_HOST_FILE)))
}

async function readHostFile(path: string): Promise<string> {
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_FILE_BYTES), 0, MAX_FILE_BYTES, 0)
      return buffer.toString('utf8', 0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw configError('DRAC_HOST_FILE', `${path} cannot be read`, error)
  }
}
