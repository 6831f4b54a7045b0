// drac auth [HOST] ADDRESS: report a login over RPC, as a POP server does.
import type { Command } from 'commander'
import { DracClient, findHosts, type HostResult } from '../../client/index.ts'
import { parseAddress } from '../../lib/address.ts'
import { malformed } from '../../lib/errors.ts'
import { EXIT } from '../exit.ts'
import { print } from './context.ts'

interface Options {
  readonly json?: true
  readonly tcp?: true
  readonly port?: string
  readonly timeout: string
  readonly hostFile?: string
}

export const addAuth = (program: Command): Command =>
  program
    .command('auth')
    .argument(
      '<host>',
      'NAME, ADDRESS or either with :PORT; several with commas; left out: DRACHOST, else the host file',
    )
    .argument('[address]', 'the client that has logged in')
    .description('report a login over RPC, as a POP or IMAP server does')
    .option('--json', 'print JSON')
    .option('--tcp', 'over TCP instead of UDP')
    .option('--port <port>', "the server's port, instead of asking its portmapper")
    .option('--timeout <seconds>', 'for everything', '2')
    .option('--host-file <file>', 'where the hosts stand (default /etc/mail/dracd.host); empty: off')
    .usage('[options] [host] <address>')
    .action((first: string, second: string | undefined, options: Options) =>
      second === undefined ? auth(undefined, first, options) : auth(first, second, options),
    )

async function auth(host: string | undefined, address: string, options: Options): Promise<void> {
  const client = parseAddress(address)
  const hosts = await findHosts({ argument: host, ...(options.hostFile && { path: options.hostFile, env: {} }) })
  const results = hosts.length === 0 ? [] : await send(hosts, client, options)
  process.exitCode = exitCode(results)
  print(
    options,
    { address: client, results: results.map(({ host, code, message }) => ({ host, code, message })) },
    () =>
      results.length === 0
        ? ['DRAC is off: no host is configured']
        : results.map(({ host, message }) => `${host}: ${message}`),
  )
}

async function send(hosts: readonly string[], address: string, options: Options): Promise<readonly HostResult[]> {
  const client = new DracClient({
    hosts,
    transport: options.tcp ? 'tcp' : 'udp',
    timeout: 1000 * positive(options.timeout, '--timeout'),
    ...(options.port === undefined ? {} : { port: positive(options.port, '--port') }),
  })
  try {
    return await client.sendAll(address)
  } finally {
    client.close()
  }
}

function positive(text: string, name: string): number {
  const value = Number(text)
  if (value > 0 && Number.isFinite(value)) return value
  throw malformed('DRAC_USAGE', `${name} takes a positive number, not ${JSON.stringify(text)}`)
}

/** Done when one server accepted, as for the mail servers; off is done too: that is what empty means to them. */
function exitCode(results: readonly HostResult[]): number {
  const codes = results.map(({ code }) => code)
  if (codes.length === 0 || codes.includes(0)) return EXIT.DONE
  if (codes.includes(1)) return EXIT.REFUSED
  return codes.some((code) => code > 0) ? EXIT.TEMPFAIL : EXIT.UNAVAILABLE
}
