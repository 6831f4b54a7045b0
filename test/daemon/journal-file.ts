// A journal that is written to by real tools: systemd-journal-remote makes entries of the export format, and journalctl
// reads them. journald itself is not needed, so the trusted fields can be anybody's.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, chmodSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

const REMOTE = resolve('.cache/interop/systemd-journal-remote/lib/systemd/systemd-journal-remote')

function journalctlPath(): string | undefined {
  const paths = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'journalctl'))
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** Says on one line why the tests of a file are skipped. Returns true when they are. */
export function withoutJournal(file: string): boolean {
  const why =
    journalctlPath() === undefined
      ? 'no journalctl'
      : existsSync(REMOTE)
        ? undefined
        : 'no systemd-journal-remote; npm test as root on Debian fetches it'
  if (why) console.warn(`skipped: ${file}: ${why}`)
  return why !== undefined
}

/** A text, or bytes; of several with one name each is one field. */
export type Fields = Readonly<Record<string, string | Buffer | readonly string[]>>

export class JournalFile {
  /** To be put in front of PATH: a journalctl that looks into this journal alone. */
  readonly bin: string
  readonly #remote: ChildProcess
  #sequence = 0

  constructor(folder: string) {
    const directory = join(folder, 'journal')
    this.bin = join(folder, 'bin')
    mkdirSync(directory)
    mkdirSync(this.bin)
    const wrapper = join(this.bin, 'journalctl')
    writeFileSync(wrapper, `#!/bin/sh\nexec ${journalctlPath()} --directory=${directory} "$@"\n`)
    chmodSync(wrapper, 0o755)
    this.#remote = spawn(REMOTE, ['--output', join(directory, 'remote-test.journal'), '-'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    })
  }

  /** @param at milliseconds since the epoch */
  write(fields: Fields, at = Date.now()): void {
    this.#sequence++
    const meta = {
      __REALTIME_TIMESTAMP: String(at * 1000),
      __MONOTONIC_TIMESTAMP: String(this.#sequence * 1000),
      _BOOT_ID: '6b6f6e7a3a6b4f6ea2e0b3b1a0e0f0d1',
      _MACHINE_ID: '0123456789abcdef0123456789abcdef',
    }
    const all = Object.entries({ ...meta, ...fields }).flatMap(([name, value]) =>
      Array.isArray(value) ? value.map((each: string) => exported(name, each)) : [exported(name, value as string)],
    )
    this.#remote.stdin!.write(Buffer.concat([...all, Buffer.from('\n')]))
  }

  async close(): Promise<void> {
    if (this.#remote.exitCode !== null || this.#remote.signalCode !== null) return
    const ended = once(this.#remote, 'exit')
    this.#remote.kill('SIGKILL')
    await ended
  }
}

/** https://systemd.io/JOURNAL_EXPORT_FORMATS: `NAME=text`, or the name, 8 bytes of length and any bytes. */
function exported(name: string, value: string | Buffer): Buffer {
  if (typeof value === 'string' && !value.includes('\n')) return Buffer.from(`${name}=${value}\n`)
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(bytes.length))
  return Buffer.concat([Buffer.from(`${name}\n`), length, bytes, Buffer.from('\n')])
}
