// A real Dovecot in a namespace, with one user's password for everybody.
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ImapSession, type MailPorts, PORTS, PopSession } from './mail-client.ts'
import { ENV, type Namespace, SERVER } from './namespace.ts'
import { unpacked } from './programs.ts'
import { until } from './wait.ts'

export const DOVECOT = 'Dovecot 2.3.19.1'
export const PASSWORD = 'secret'
/** It looks for its programs, libraries and modules where Debian installs them. */
export const DOVECOT_BINDS = ['/usr/lib/dovecot', '/usr/bin/doveconf', '/usr/bin/doveadm'].map(
  (path) => [unpacked(`dovecot${path}`), path] as const,
)

const LOG = 'dovecot.log'

/** As an administrator has it before drac. Debian's own is split over files that say the same. */
const base = ({ imap, pop3 }: MailPorts): string => `protocols = imap pop3
listen = *, ::
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
# a failed login is answered after 2 s by default, and by and by more
auth_failure_delay = 0
mail_location = maildir:/var/lib/mail/%n
first_valid_uid = 1000
base_dir = /run/dovecot
state_dir = /var/lib/dovecot
log_path = /run/drac/${LOG}
passdb {
  driver = static
  args = password=${PASSWORD}
}
userdb {
  driver = static
  args = uid=alice gid=alice home=/var/lib/mail/%n
}
service imap-login {
  inet_listener imap {
    port = ${imap}
  }
}
service pop3-login {
  inet_listener pop3 {
    port = ${pop3}
  }
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
`

export class Dovecot {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** @param config what stands in dovecot.conf besides */
  static async start(namespace: Namespace, config: string, ports = PORTS): Promise<Dovecot> {
    const etc = join(namespace.folder, 'etc/dovecot')
    mkdirSync(etc, { recursive: true })
    writeFileSync(join(etc, 'dovecot.conf'), `${base(ports)}${config}`)
    namespace.exec('install', ['-d', '-o', 'alice', '-g', 'alice', '/var/lib/mail'])
    const descriptor = openSync(join(namespace.folder, LOG), 'a', 0o666)
    const child = namespace.spawnServer(unpacked('dovecot/usr/sbin/dovecot'), ['-F'], {
      stdio: ['ignore', descriptor, descriptor],
      env: ENV,
    })
    closeSync(descriptor)
    const dovecot = new Dovecot(namespace.folder)
    await until('Dovecot to greet', async () => {
      if (child.exitCode !== null) throw new Error(`dovecot ended with ${child.exitCode}: ${dovecot.log()}`)
      return greets(namespace, ports)
    })
    return dovecot
  }

  /** For a failure's message. */
  log(): string {
    const path = join(this.#folder, LOG)
    return existsSync(path) ? readFileSync(path, 'utf8').slice(-6000) : ''
  }
}

async function greets(namespace: Namespace, ports: MailPorts): Promise<boolean> {
  try {
    for (const host of [SERVER.v4, SERVER.v6]) {
      const source = host === SERVER.v4 ? '192.0.2.9' : '2001:db8::9'
      ;(await ImapSession.open(namespace, source, { host, port: ports.imap })).abort()
      ;(await PopSession.open(namespace, source, { host, port: ports.pop3 })).abort()
    }
    return true
  } catch {
    return false
  }
}
