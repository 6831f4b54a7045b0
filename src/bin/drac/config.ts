// drac config [NAME]: every setting, its value, default, source and meaning.
import type { Command } from 'commander'
import { settingsWithOrigins } from '../../daemon/effective-settings.ts'
import { wrap } from '../../daemon/manual/wrap.ts'
import { type DescribedSetting, MANUAL, toml } from '../../daemon/settings/describe.ts'
import { formatOrigin, type Origin, type OriginOf } from '../../daemon/settings/origin.ts'
import type { Written } from '../../daemon/settings/table.ts'
import { type WrittenSetting, writtenSettings } from '../../daemon/settings/written.ts'
import { EXIT } from '../exit.ts'
import { print } from './context.ts'
import { argumentsOf, type SettingsOptions, settingsOptions } from './facts.ts'
import { printable, terminalWidth } from './text.ts'

interface Options extends SettingsOptions {
  readonly json?: true
  readonly changed?: true
}

export const addConfig = (program: Command): Command =>
  settingsOptions(program.command('config'))
    .argument('[name...]', 'only these settings, or tables')
    .description('show every setting, its value, default, source and meaning')
    .option('--changed', 'only what is not left at its default')
    .option('--json', 'print JSON')
    .action(config)

interface Shown extends WrittenSetting {
  readonly source: Origin
}

function config(names: readonly string[], options: Options): void {
  const { settings, originOf } = settingsWithOrigins(argumentsOf(options))
  const all = writtenSettings(settings).map((each) => ({ ...each, source: sourceOf(each, originOf) }))
  const named = all.filter((each) => names.length === 0 || names.some((name) => isNamed(each, name)))
  const unknown = names.filter((name) => !all.some((each) => isNamed(each, name)))
  if (unknown.length > 0) process.exitCode = EXIT.REFUSED
  const shown = named.filter(({ source }) => !options.changed || source.from !== 'default')
  print(options, shown.map(jsonOf), () => {
    const missing = unknown.map((name) => `there is no setting ${printable(name)}; drac config lists them`)
    return [...shown.flatMap((each) => [...describe(each), '']), ...missing, ''].slice(0, -1)
  })
}

const sourceOf = ({ name, value }: WrittenSetting, originOf: OriginOf): Origin =>
  value === undefined ? { from: 'default' } : originOf(name)

/** `lifetime`, `drac_rpc`, `drac_rpc.listen`, `map`, `map.path`, `map.0.path`. */
const isNamed = ({ name, setting }: WrittenSetting, wanted: string): boolean =>
  [name, setting.name, setting.name.replace('[]', ''), name.replace(/\.[^.]*$/, ''), tableOf(setting.name)].includes(
    wanted,
  )

const tableOf = (name: string): string => name.replace(/(\[\])?\..*$/, '')

/** Of the user who asks, which may be another than root's. */
const defaultOf = ({ row }: DescribedSetting): Written | undefined => (row.required ? undefined : row.default)

const jsonOf = ({ name, value, setting, source }: Shown) => ({
  name,
  value: value ?? null,
  default: defaultOf(setting) ?? null,
  source: { ...source, text: formatOrigin(source) },
  kind: setting.words,
  limits: setting.limits ?? null,
  required: setting.row.required ?? false,
  reload: setting.row.reload,
  meaning: setting.row.help,
})

function describe({ name, value, setting, source }: Shown): string[] {
  const { row, words, limits } = setting
  const fallback = row.required ? 'required' : `default ${toml(row.default)}`
  const facts = [words, ...(limits === undefined ? [] : [limits]), row.reload ? 'reload' : 'restart']
  return [
    value === undefined
      ? `${name}: no ${headerOf(setting.name)} in the settings`
      : printable(`${name} = ${toml(value)}`),
    ...wrap(
      printable(source.from === 'default' ? fallback : `from ${formatOrigin(source)}; ${fallback}`),
      width(),
      INDENT,
    ),
    ...wrap(row.help, width(), INDENT),
    ...wrap(`(${facts.join('; ')})`, width(), INDENT),
  ]
}

const INDENT = '    '
const width = (): number => Math.min(terminalWidth(), 110)
const headerOf = (name: string): string => MANUAL.find((table) => name.startsWith(`${table.name}[]`))?.header ?? ''
