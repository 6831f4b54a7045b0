// The real dracd, as a child.
import { get } from 'node:http'
import { join, resolve } from 'node:path'
import { Child } from './children.ts'

interface Listed {
  readonly address: string
  readonly logins: readonly { readonly user: string; readonly source: string }[]
}

export interface RunningDracd {
  /** The control socket's path. */
  readonly control: string
  readonly udpPort: number
  readonly child: Child
  /** What may relay, as the control socket lists it. */
  listed(): Promise<Listed[]>
  /** Their addresses, in no order. */
  addresses(): Promise<string[]>
  stop(): Promise<void>
}

interface Ready {
  readonly event: string
  readonly endpoints: { readonly drac_rpc: readonly string[] }
}

/**
 * @param settings more `name=value`
 * @param prefix a command that runs its arguments somewhere else
 */
export async function startDracd(
  folder: string,
  settings: readonly string[] = [],
  prefix: readonly string[] = [],
): Promise<RunningDracd> {
  const control = join(folder, 'control.sock')
  const all = [
    `state_directory=${folder}`,
    `control=unix:${control}`,
    'drac_rpc.listen=["udp:127.0.0.1:0","tcp:127.0.0.1:0"]',
    'socketmap.listen=["tcp:127.0.0.1:0"]',
    'drac_rpc.portmapper=off',
    ...settings,
  ]
  const program = [process.execPath, resolve('src/bin/dracd.ts'), ...all.flatMap((one) => ['--set', one])]
  const [command, ...args] = [...prefix, ...program]
  const child = new Child(command!, args)
  const ready = await child.line('"event":"ready"', (line) => {
    if (!line.startsWith('{')) return undefined
    const entry = JSON.parse(line) as Ready
    return entry.event === 'ready' && entry
  })
  const udp = ready.endpoints.drac_rpc.find((endpoint) => endpoint.startsWith('udp:'))!
  const listed = async (): Promise<Listed[]> =>
    ((await getJson(control, '/v1/authorizations')) as { authorizations: Listed[] }).authorizations
  return {
    control,
    child,
    udpPort: Number(udp.split(':').at(-1)),
    listed,
    addresses: async () => (await listed()).map(({ address }) => address),
    stop: () => child.stop(),
  }
}

function getJson(socketPath: string, path: string): Promise<unknown> {
  return new Promise((done, fail) => {
    get({ socketPath, path, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        body += chunk
      })
      response.on('end', () => done(JSON.parse(body)))
    }).on('error', fail)
  })
}
