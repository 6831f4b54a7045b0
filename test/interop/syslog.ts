// A real rsyslogd in a namespace, so that servers log as they do: through /dev/log into a file of lines.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Namespace } from './namespace.ts'
import { unpacked } from './programs.ts'
import { until } from './wait.ts'

/** Where the lines go, as programs inside see it. */
export const SYSLOG = '/run/drac/syslog.txt'
/** What stands for the machine's name in each line. */
export const HOSTNAME = 'mailhost'
const TRIPLET = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu'
const MODULES = unpacked(`rsyslog/usr/lib/${TRIPLET}/rsyslog`)

/** `Nov 25 22:17:22 mailhost ...`, or `2026-11-25T22:17:22.123456+00:00 mailhost ...` as Debian 12 has it by default. */
const TEMPLATES = { traditional: 'RSYSLOG_TraditionalFileFormat', iso: 'RSYSLOG_FileFormat' } as const

/** A /dev of the namespace's own: the socket is made there. */
const OWN_DEV = `set -e
mount -t tmpfs -o mode=755 tmpfs /dev
mkdir -p /dev/shm
mknod -m 666 /dev/null c 1 3
mknod -m 666 /dev/zero c 1 5
mknod -m 666 /dev/random c 1 8
mknod -m 666 /dev/urandom c 1 9`

const configuration = (
  format: keyof typeof TEMPLATES,
): string => `global(localHostname="${HOSTNAME}" workDirectory="/run")
module(load="imuxsock")
module(load="builtin:omfile" template="${TEMPLATES[format]}")
*.* action(type="omfile" file="${SYSLOG}" fileCreateMode="0644")
`

export class Syslog {
  readonly #file: string

  private constructor(namespace: Namespace) {
    this.#file = join(namespace.folder, 'syslog.txt')
  }

  /** Needs 'rsyslog'. Returns when /dev/log is open; to be started before the servers. */
  static async start(namespace: Namespace, format: keyof typeof TEMPLATES = 'traditional'): Promise<Syslog> {
    writeFileSync(join(namespace.folder, 'rsyslog.conf'), configuration(format))
    namespace.exec('sh', ['-c', OWN_DEV])
    const args = ['-n', '-i', 'NONE', '-f', '/run/drac/rsyslog.conf', `-M${MODULES}`]
    const child = namespace.spawn(unpacked('rsyslog/usr/sbin/rsyslogd'), args, { stdio: 'ignore' })
    await until('/dev/log', () => {
      if (child.exitCode !== null) throw new Error(`rsyslogd ended with ${child.exitCode}`)
      return namespace.try('test', ['-S', '/dev/log']).status === 0
    })
    return new Syslog(namespace)
  }

  /** Everything so far. */
  lines(): string[] {
    if (!existsSync(this.#file)) return []
    return readFileSync(this.#file, 'utf8').split('\n').slice(0, -1)
  }

  /** The first line that matches. @param from how many lines to leave out */
  line(pattern: RegExp, from = 0): Promise<string> {
    return until(`a log line like ${pattern}`, () =>
      this.lines()
        .slice(from)
        .find((line) => pattern.test(line)),
    )
  }
}
