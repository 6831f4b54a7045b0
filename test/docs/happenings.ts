// What happens on other hosts, and by bad luck, while an administrator follows a page.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildBtree } from '../daemon/btree-file.ts'
import { ImapSession } from '../interop/mail-client.ts'
import { askRelay } from '../interop/smtp.ts'
import { until } from '../interop/wait.ts'
import type { World } from './world.ts'

type Happening = (world: World, match: RegExpExecArray) => Promise<void>

/** As libwhoson does: one datagram, one answer. */
const SAY_WHOSON = `
const socket = require('node:dgram').createSocket('udp4')
socket.on('message', (answer) => { process.stdout.write(answer.toString()); socket.close() })
socket.send(process.argv[1] + '\\r\\n\\r\\n', 9876, '127.0.0.1')`

const HAPPENINGS: readonly (readonly [RegExp, Happening])[] = [
  [/^(\w+) runs$/, (world, [, name]) => world.services[name!]!.start()],
  [
    /^(\w+) reads mail at (\S+)$/,
    async ({ namespace }, [, user, client]) => {
      const session = await ImapSession.open(namespace, client!)
      if (!(await session.login(user!, 'secret'))) throw new Error(`IMAP let ${user} not in`)
      await session.logout()
    },
  ],
  [
    /^(\S+) (may|may not) relay$/,
    async ({ namespace }, [, client, may]) => {
      await until(`a message of ${client} ${may === 'may' ? '' : 'not '}to be relayed`, async () => {
        const { code } = await askRelay(namespace, client!)
        return (code === 250) === (may === 'may')
      })
    },
  ],
  [
    /^(\S+) hears (\d+)$/,
    async ({ namespace }, [, client, code]) => {
      const reply = await askRelay(namespace, client!)
      if (reply.code !== Number(code)) throw new Error(`${client} heard ${reply.code} ${reply.text}`)
    },
  ],
  [
    /^rpc\.dracd has left a map with (\S+)$/,
    async ({ namespace }, [, client]) => {
      const expiry = Math.floor(Date.now() / 1000) + 1200
      writeFileSync(join(namespace.folder, 'etc/mail/dracd.db'), buildBtree({ [client!]: expiry }))
    },
  ],
  [
    /^WHOSON hears (.*)$/,
    async ({ namespace }, [, request]) => {
      const said = namespace.exec(process.execPath, ['-e', SAY_WHOSON, request!])
      if (!said.startsWith('+')) throw new Error(`WHOSON answered ${said}`)
    },
  ],
  [
    /^the log (\S+) gets (.*)$/,
    async ({ namespace }, [, path, line]) => {
      const now = namespace.exec('date', ['-u', '+%b %e %H:%M:%S']).trimEnd()
      namespace.exec('tee', ['-a', path!], { input: `${line!.replace('NOW', now)}\n` })
      namespace.exec('chown', ['root:adm', path!])
      namespace.exec('chmod', ['640', path!])
    },
  ],
  [
    /^the texts of "(drac setup \w+)" are put into their files$/,
    async (world, [, command]) => {
      const { output } = await world.type(`${command} --json`, 0)
      const { settings, parts } = JSON.parse(output) as { settings: string[]; parts: Record<string, string>[] }
      world.write('/etc/drac/dracd.toml', `${settings.join('\n')}\n`, true)
      for (const { file, where, text } of parts) world.write(file!, text!, where !== 'the whole file')
    },
  ],
  [/^dracd is killed$/, (world) => world.dracd.kill()],
]

export async function happen(world: World, words: string): Promise<void> {
  for (const [pattern, happening] of HAPPENINGS) {
    const match = pattern.exec(words)
    if (match) return happening(world, match)
  }
  throw new Error(`nobody knows how ${JSON.stringify(words)} happens: test/docs/happenings.ts`)
}
