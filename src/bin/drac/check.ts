// drac check: is everything as it should be, and does the mail server refuse strangers?
import type { Command } from 'commander'
import type { StatusView } from '../../daemon/control-views.ts'
import { policyOf } from '../../daemon/policy.ts'
import type { Settings } from '../../daemon/settings/schema.ts'
import type { Address } from '../../lib/address.ts'
import { DracError, messageOf } from '../../lib/errors.ts'
import { type Finding, ok, warning } from '../../mta/check/finding.ts'
import { type Listeners, listenerFindings } from '../../mta/probe/listeners.ts'
import { EXIT } from '../exit.ts'
import { daemonFindings } from './check/daemon.ts'
import { type MtaOptions, mtaFindings } from './check/mta.ts'
import { permissionFindings, staleMapFindings } from './check/places.ts'
import { ask, common, controlPath, print } from './context.ts'
import { factsOf, type SettingsOptions, settingsOf, settingsOptions } from './facts.ts'
import { printable } from './text.ts'

type Options = MtaOptions & SettingsOptions

export const addCheck = (program: Command): Command =>
  settingsOptions(common(program.command('check')))
    .description('look for mistakes: settings, daemon, sockets, maps; with --mta the mail server too')
    .option('--mta <name>', "read this mail server's configuration, and ask it whether it relays for a stranger")
    .option('--mta-root <folder>', "look for the mail server's files below this folder")
    .option('--file <file>', "the mail server's configuration file")
    .option('--smtp <host:port>', 'where the mail server listens', '127.0.0.1:25')
    .option('--no-smtp', 'do not ask the mail server itself')
    .option('--source <address>', 'ask from this address of this host; it must not be permitted otherwise')
    .option('--permit-test', 'permit that address for a minute, see it relay, revoke it, see it refused')
    .action(check)

async function check(given: Options): Promise<void> {
  const settings = settingsOf(given)
  const { policy, warnings } = policyOf(settings)
  const options = { ...controlOf(settings), ...given }
  const { status, finding } = await daemon(options)
  const findings = [
    ...warnings.map((text) => warning('settings', text, 'dracd.toml')),
    finding,
    ...(status ? daemonFindings(status, settings) : staleMapFindings(settings)),
    ...(await listenerFindings(
      listenersOf(settings, status, (address) => policy.trustedClients.find(address) !== undefined),
    )),
    ...permissionFindings(settings, given.config),
    ...(given.mta === undefined && given.source === undefined && !given.permitTest
      ? []
      : await mtaFindings(options, settings, status !== undefined)),
  ]
  const worse = findings.some(({ level }) => level !== 'ok')
  process.exitCode = status === undefined ? EXIT.UNAVAILABLE : worse ? EXIT.REFUSED : EXIT.DONE
  print(options, findings, () => findings.flatMap(describe).map(printable))
}

/** --control and DRAC_CONTROL come over what the settings say. */
const controlOf = ({ control }: Settings): { control?: string } =>
  process.env.DRAC_CONTROL || control.transport !== 'unix' ? {} : { control: `unix:${control.path}` }

const listenersOf = (
  settings: Settings,
  status: StatusView | undefined,
  trusts: (address: Address) => boolean,
): Listeners => ({
  configured: factsOf(settings).endpoints,
  bound: status?.endpoints,
  zone: settings.dns_list.zone,
  trusts,
})

async function daemon(options: Options): Promise<{ status?: StatusView; finding: Finding }> {
  try {
    const status = (await ask(options, 'GET', '/v1/status')).body as StatusView
    return { status, finding: ok('dracd', `${status.version} runs, process ${status.pid}`) }
  } catch (error) {
    if (!(error instanceof DracError)) throw error
    return { finding: warning(`dracd unix:${controlPath(options)}`, messageOf(error), 'systemctl start dracd') }
  }
}

const describe = ({ level, where, message, cure }: Finding): string[] => [
  `${level.padEnd(9)}${where}: ${message}`,
  ...(cure === undefined ? [] : [`${' '.repeat(9)}cure: ${cure}`]),
]
