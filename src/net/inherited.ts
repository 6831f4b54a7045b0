// Sockets that were open when we started: a service manager listens, and hands them over, sd_listen_fds(3).
import { readFileSync, readlinkSync } from 'node:fs'
import { addressFromOctets } from '../lib/address.ts'
import { type Endpoint, formatEndpoint } from './endpoint.ts'

/** The first descriptor that is handed over, SD_LISTEN_FDS_START. */
const FIRST = 3
/** Columns of /proc/net/tcp and its like, proc(5). */
const INET = { local: 1, state: 3, inode: 9 } as const
const LISTENING = '0A'
/** Columns of /proc/net/unix; a listening stream socket has the flag __SO_ACCEPTCON and the type SOCK_STREAM. */
const UNIX = { flags: 3, type: 4, inode: 6, path: 7 } as const

export class InheritedSockets {
  readonly #fds: Map<string, number>
  readonly #strange: readonly string[]

  constructor(fds: Map<string, number>, strange: readonly string[] = []) {
    this.#fds = fds
    this.#strange = strange
  }

  /** The endpoint itself, with the descriptor of the socket that listens there already, if one was handed over. */
  adopt<E extends Endpoint>(endpoint: E): E {
    const text = formatEndpoint(endpoint)
    const fd = this.#fds.get(text)
    if (fd === undefined) return endpoint
    this.#fds.delete(text)
    return { ...endpoint, fd }
  }

  /** What was handed over and no setting asked for, by the endpoint. */
  unused(): string[] {
    return [...this.#fds.keys(), ...this.#strange]
  }
}

/**
 * Told apart by where they listen, not by FileDescriptorName=: the settings alone say what is spoken where.
 * @param env LISTEN_FDS and its like are taken out of it
 */
export function inheritedSockets(env = process.env): InheritedSockets {
  const { LISTEN_PID: pid, LISTEN_FDS: count, LISTEN_FDNAMES: names } = env
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete env[name]
  const fds = new Map<string, number>()
  const strange: string[] = []
  if (pid !== String(process.pid) || !(Number(count) > 0)) return new InheritedSockets(fds)
  const listening = endpointsByInode()
  for (let fd = FIRST; fd < FIRST + Number(count); fd++) {
    const endpoint = listening.get(inodeOf(fd))
    if (endpoint !== undefined && !fds.has(endpoint)) fds.set(endpoint, fd)
    else strange.push(`descriptor ${fd} (${names?.split(':')[fd - FIRST] ?? 'no name'}): no listening socket`)
  }
  return new InheritedSockets(fds, strange)
}

const inodeOf = (fd: number): string => /^socket:\[(\d+)\]$/.exec(link(`/proc/self/fd/${fd}`))?.[1] ?? 'none'

function link(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

/** Every socket of this network namespace that takes something, by inode. Linux only; elsewhere none. */
function endpointsByInode(): Map<string, string> {
  const found = new Map<string, string>()
  for (const transport of ['tcp', 'udp'] as const)
    for (const table of [transport, `${transport}6`])
      for (const row of rows(table)) {
        if (transport === 'tcp' && row[INET.state] !== LISTENING) continue
        const [address, port] = row[INET.local]!.split(':')
        const endpoint = { transport, address: addressFromOctets(octets(address!)), port: Number.parseInt(port!, 16) }
        found.set(row[INET.inode]!, formatEndpoint(endpoint))
      }
  for (const row of rows('unix')) {
    const accepts = (Number.parseInt(row[UNIX.flags]!, 16) & 0x10000) !== 0 && row[UNIX.type] === '0001'
    const path = row.slice(UNIX.path).join(' ')
    if (accepts && path.startsWith('/')) found.set(row[UNIX.inode]!, formatEndpoint({ transport: 'unix', path }))
  }
  return found
}

function rows(table: string): string[][] {
  try {
    const text = readFileSync(`/proc/self/net/${table}`, 'utf8')
    return text
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/ +/))
  } catch {
    return []
  }
}

/** Words of 32 bits, each as the machine has it in memory. */
function octets(hex: string): Uint8Array {
  const words = hex.match(/.{8}/g)!.map((word) => Number.parseInt(word, 16))
  return new Uint8Array(Uint32Array.from(words).buffer)
}
