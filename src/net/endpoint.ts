// Where a front end listens, as an operator writes it: `udp:127.0.0.1:0`, `tcp:[::1]:9899`, `unix:/run/drac/socketmap.sock`.
import { type Address, isV6, parseAddress } from '../lib/address.ts'
import { configError, type DracError } from '../lib/errors.ts'

/** `fd`: the service manager has opened it (inherited.ts); the socket is used as it is. */
export interface InetEndpoint {
  readonly transport: 'udp' | 'tcp'
  readonly address: Address
  /** 0: the system chooses one when it is opened. */
  readonly port: number
  readonly fd?: number
}
export interface UnixEndpoint {
  readonly transport: 'unix'
  readonly path: string
  readonly fd?: number
}
export type Endpoint = InetEndpoint | UnixEndpoint

/** sockaddr_un.sun_path is 108 bytes with its closing NUL, unix(7). Longer paths are cut silently by some systems. */
const MAX_UNIX_PATH_BYTES = 107

/** Throws `config` DRAC_ENDPOINT, which quotes the text and says what would be right. */
export function parseEndpoint(text: string): Endpoint {
  const colon = text.indexOf(':')
  const transport = text.slice(0, Math.max(colon, 0))
  const rest = text.slice(colon + 1)
  if (transport === 'unix') return { transport, path: unixPath(text, rest) }
  if (transport === 'udp' || transport === 'tcp') return { transport, ...inet(text, transport, rest) }
  throw wrong(text, 'write udp:ADDRESS:PORT, tcp:ADDRESS:PORT or unix:PATH')
}

/** What `parseEndpoint` reads back as the same endpoint. */
export function formatEndpoint(endpoint: Endpoint): string {
  if (endpoint.transport === 'unix') return `unix:${endpoint.path}`
  const { transport, address, port } = endpoint
  return isV6(address) ? `${transport}:[${address}]:${port}` : `${transport}:${address}:${port}`
}

function unixPath(text: string, path: string): string {
  if (!path.startsWith('/')) throw wrong(text, 'the path of a unix socket must be absolute: unix:/run/drac/NAME.sock')
  if (path.includes('\0')) throw wrong(text, 'the path holds a NUL byte')
  const bytes = Buffer.byteLength(path)
  if (bytes > MAX_UNIX_PATH_BYTES) {
    throw wrong(text, `the path has ${bytes} bytes; the system takes at most ${MAX_UNIX_PATH_BYTES}: use a shorter one`)
  }
  return path
}

function inet(text: string, transport: string, rest: string): { address: Address; port: number } {
  const found = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(rest)
  if (!found) {
    const example = rest.includes('::') || rest.split(':').length > 2 ? '[::1]' : '127.0.0.1'
    throw wrong(text, `write ${transport}:${example}:PORT, an IPv6 address in brackets; port 0 is chosen by the system`)
  }
  const port = Number(found[3])
  if (port > 65_535) throw wrong(text, 'a port is 0 to 65535')
  try {
    return { address: parseAddress(found[1] ?? found[2]!), port }
  } catch (cause) {
    throw wrong(
      text,
      'an IP address is needed here, not a name; 0.0.0.0 or [::] means every address of this host',
      cause,
    )
  }
}

function wrong(text: string, cure: string, cause?: unknown): DracError {
  return configError('DRAC_ENDPOINT', `${JSON.stringify(text)} is no endpoint: ${cure}`, cause)
}
