// The commands of drac as the manual and the shell completions go through them: what commander was told.
import type { Command, Option } from 'commander'
import { MANUAL } from '../../daemon/settings/describe.ts'
import { LOGIN_SERVERS, MTAS } from '../../mta/registry.ts'

export interface DescribedOption {
  /** `--limit <count>` */
  readonly flags: string
  /** `--limit` */
  readonly long: string
  readonly description: string
  /** Of a value that is taken when none is given. */
  readonly default?: string
  readonly takesValue: boolean
  /** What a shell may offer for the value. */
  readonly offers: Offer
}

export interface DescribedCommand {
  /** `auth`, `logs test`. */
  readonly name: string
  /** `[options] [host] <address>` */
  readonly usage: string
  readonly description: string
  readonly arguments: readonly { readonly name: string; readonly description: string; readonly offers: Offer }[]
  readonly options: readonly DescribedOption[]
}

/** Names, or paths of files, or nothing. */
export type Offer = readonly string[] | 'file' | undefined

/** Every command that does something, in the order of the help. */
export function describeCommands(program: Command): DescribedCommand[] {
  return program.commands.flatMap((command) => below(command, command.name()))
}

const below = (command: Command, name: string): DescribedCommand[] =>
  command.commands.length > 0
    ? command.commands.flatMap((each) => below(each, `${name} ${each.name()}`))
    : [describe(command, name)]

const describe = (command: Command, name: string): DescribedCommand => ({
  name,
  usage: command.usage(),
  description: command.description(),
  arguments: command.registeredArguments.map((argument) => ({
    name: argument.name(),
    description: argument.description,
    offers: argument.argChoices ?? offer(`${name} ${argument.name()}`),
  })),
  options: command.options.map((option) => describeOption(option)),
})

const describeOption = (option: Option): DescribedOption => ({
  flags: option.flags,
  long: option.long ?? option.flags,
  description: option.description,
  ...(typeof option.defaultValue === 'string' && { default: option.defaultValue }),
  takesValue: option.required || option.optional,
  offers: option.argChoices ?? offer(option.long ?? ''),
})

/** By the name of an option, or of a command and its argument. */
function offer(name: string): Offer {
  if (name === '--mta') return MTAS.map((mta) => mta.name)
  if (name === 'setup name') return [...MTAS, ...LOGIN_SERVERS].map((server) => server.name)
  if (name === 'config name') return MANUAL.flatMap(settingNames)
  return /(config|file|root|program)$/.test(name) ? 'file' : undefined
}

const settingNames = ({ name, settings }: (typeof MANUAL)[number]): string[] => [
  ...(name === '' ? [] : [name]),
  ...settings.map((setting) => setting.name.replace('[]', '')),
]
