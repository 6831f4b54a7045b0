// The servers that the settings name to be asked who is connected.
import { readFileSync, statSync } from 'node:fs'
import type { PollView } from '../admin/status.ts'
import type { RelayTable } from '../core/relay-table.ts'
import { configError, messageOf } from '../lib/errors.ts'
import { parseProc } from '../protocols/cyrus/proc.ts'
import { decodeWho, encodeWhoRequest } from '../protocols/dovecot/who.ts'
import { outputOf } from '../reports/still-connected/command.ts'
import { askDoveadm } from '../reports/still-connected/doveadm-http.ts'
import { Poller } from '../reports/still-connected/poller.ts'
import type { Connection, Source } from '../reports/still-connected/source.ts'
import type { Settings } from './settings/schema.ts'

type PollSettings = Settings['poll'][number]

export interface OpenPolls {
  status(): readonly PollView[]
  close(): Promise<void>
}

/** Throws `config` for what cannot be polled. */
export function checkPolls({ poll }: Pick<Settings, 'poll'>): void {
  for (const each of poll) sourceOf(each)
}

/** Begins to poll. Throws `config`. */
export function openPolls(settings: readonly PollSettings[], table: RelayTable): OpenPolls {
  const pollers = settings.map((poll) => new Poller(table, sourceOf(poll), poll.interval, () => table.now()))
  for (const poller of pollers) poller.start()
  return {
    status: () => pollers.map((poller) => poller.health()),
    close: async () => void (await Promise.all(pollers.map((poller) => poller.close()))),
  }
}

interface Server {
  /** Asked where none is set. */
  readonly command: readonly string[]
  parse(output: Buffer): readonly Connection[]
}

const SERVERS: Readonly<Record<PollSettings['server'], Server>> = {
  dovecot: { command: ['doveadm', '-f', 'json', 'who', '-1'], parse: decodeWho },
  cyrus: {
    command: ['/usr/lib/cyrus/bin/cyr_info', 'proc'],
    parse: (output) =>
      parseProc(output.toString('utf8')).map(({ pid, service, client, user }) => ({
        id: `${user} ${service} ${client} ${pid}`,
        client,
        user,
      })),
  },
}

function sourceOf(poll: PollSettings): Source {
  const { server, url } = poll
  const { command: usual, parse } = SERVERS[server]
  if (url !== '') return overHttp(poll, parse)
  const command = poll.command.length > 0 ? poll.command : usual
  return {
    name: `poll ${server}`,
    from: command.join(' '),
    list: async (signal) => parse(await outputOf(command, signal)),
  }
}

/** The key is read at each poll: it may be replaced at any time. */
function overHttp({ server, url, command, key_file }: PollSettings, parse: Server['parse']): Source {
  if (server !== 'dovecot') throw wrong(`url is Dovecot's; ${server} is asked by a command`)
  if (command.length > 0) throw wrong('either url or command')
  if (key_file === '') throw wrong('url needs a key_file with the doveadm_api_key')
  readKey(key_file)
  return {
    name: `poll ${server} ${new URL(url).host}`,
    from: url,
    list: async (signal) => parse(await askDoveadm(url, readKey(key_file), encodeWhoRequest(), signal)),
  }
}

const wrong = (why: string, cause?: unknown) => configError('DRAC_POLL', `[[poll]]: ${why}`, cause)

/** Throws `config`. */
function readKey(path: string): string {
  let key: string
  try {
    key = readFileSync(path, 'utf8').trim()
    if ((statSync(path).mode & 0o007) === 0 && key !== '') return key
  } catch (error) {
    throw wrong(`key_file ${path} cannot be read: ${messageOf(error)}`, error)
  }
  throw wrong(key === '' ? `key_file ${path} is empty` : `every user of this host may read ${path}; chmod 640 ${path}`)
}
