// drac setup NAME: the exact configuration for one mail server.
import type { Command } from 'commander'
import { DEFAULT_CONFIG } from '../../daemon/settings/read.ts'
import { configError } from '../../lib/errors.ts'
import { type Applied, apply } from '../../mta/edit/apply.ts'
import { Places } from '../../mta/places.ts'
import type { MailServer, Plan, Way } from '../../mta/plan.ts'
import { findServer, findWay, LOGIN_SERVERS, MTAS } from '../../mta/registry.ts'
import { EXIT } from '../exit.ts'
import { print } from './context.ts'
import { factsOf, settingsOf, settingsOptions } from './facts.ts'

interface Options {
  readonly json?: true
  readonly via?: string
  readonly write?: true
  readonly config?: string
  readonly set: readonly string[]
  readonly mtaRoot?: string
  readonly file?: string
  readonly program?: string
}

export const addSetup = (program: Command): Command =>
  settingsOptions(program.command('setup'))
    .argument('[name]', 'the mail server; left out: lists them')
    .description('print the exact configuration for one mail server; --write applies it')
    .option('--via <way>', 'how it asks, or reports; the list of names tells the ways')
    .option('--write', "apply it: with a backup, the mail server's own check, and back when that fails")
    .option('--mta-root <folder>', "look for the mail server's files and programs below this folder")
    .option('--file <file>', "the mail server's configuration file")
    .option('--program <path>', 'the program that checks it: postconf, sendmail, exim, smtpd')
    .option('--json', 'print JSON')
    .action(setup)

function setup(name: string | undefined, options: Options): void {
  if (name === undefined) {
    listNames(options)
    return
  }
  const mta = findServer(name)
  const way = findWay(mta, options.via)
  const facts = factsOf(settingsOf(options))
  const plan = way.plan(facts)
  if (!options.write) {
    print(options, { name: mta.name, via: way.name, ...plan }, () => describe(mta, way, plan))
    return
  }
  const places = new Places({ root: options.mtaRoot, file: options.file, program: options.program })
  if (!way.edit || !mta.syntax) throw configError('DRAC_MANUAL', `${mta.title}: ${mta.byHand}`)
  const applied = apply(way.edit(facts, places), () => mta.syntax!(places), new Date())
  if (applied.status === 'rolled-back') process.exitCode = EXIT.REFUSED
  const { settings, commands } = plan
  print(options, { name: mta.name, via: way.name, settings, commands, ...applied }, () => [
    ...outcome(applied),
    ...(applied.status === 'rolled-back' ? [] : next(plan)),
  ])
}

function listNames(options: Options): void {
  const [asking, reporting] = [MTAS.map(named('lookup')), LOGIN_SERVERS.map(named('login'))]
  print(options, [...asking, ...reporting], () => [
    'Servers that ask dracd whether a client may relay:',
    ...asking.flatMap(listed),
    '',
    'POP and IMAP servers, whose logins open the relay:',
    ...reporting.flatMap(listed),
  ])
}

type Named = ReturnType<ReturnType<typeof named>>

const named =
  (kind: 'lookup' | 'login') =>
  ({ name, title, ways }: MailServer) => ({
    name,
    title,
    kind,
    ways: ways.map(({ name, summary }) => ({ name, summary })),
  })

const listed = ({ name, title, ways }: Named): string[] => [
  `${name.padEnd(14)}${title}`,
  ...ways.map((way, i) => `  --via ${way.name.padEnd(12)}${way.summary}${i === 0 ? ' (default)' : ''}`),
]

/** Text to copy stands unindented between rules. */
function describe(mta: MailServer, way: Way, plan: Plan): string[] {
  const others = mta.ways.filter((each) => each !== way).map(({ name }) => name)
  return [
    `${mta.title}: ${way.summary}`,
    ...(others.length > 0 ? [`Other ways: ${others.map((name) => `--via ${name}`).join(', ')}`] : []),
    ...settingsLines(plan),
    ...plan.parts.flatMap(({ file, where, text }) => ['', `----- ${file}: ${where}`, ...body(text)]),
    ...commandLines(plan),
    '',
    `While dracd is down: ${plan.down}`,
    ...notesOf(plan).map((note) => `Note: ${note}`),
  ]
}

/** What the packages' unit does not let dracd do, by the table that is to be added. */
const UNDER_THE_UNIT: Readonly<Record<string, string>> = {
  '[[map]]':
    "the packages' unit lets dracd write to its own folders alone: give it one for the map, and name it in ReadWritePaths= (/usr/share/doc/drac/examples/dracd.service.d/maps.conf)",
  '[[log]]':
    'the packages\' unit runs dracd as the user drac: where only a group may read the log, name it in SupplementaryGroups= ("systemctl edit dracd")',
}

const notesOf = ({ notes, settings }: Plan): string[] => [
  ...notes,
  ...Object.entries(UNDER_THE_UNIT).flatMap(([table, note]) => (settings.includes(table) ? [note] : [])),
]

const body = (text: string): string[] => [...text.replace(/\n$/, '').split('\n'), '-----']

const settingsLines = ({ settings }: Plan): string[] =>
  settings.length === 0 ? [] : ['', `----- ${DEFAULT_CONFIG}: add, then restart dracd`, ...settings, '-----']

const commandLines = ({ commands }: Plan): string[] =>
  commands.length === 0 ? [] : ['', 'Then:', ...commands.map((command) => `  ${command}`)]

const next = (plan: Plan): string[] => [
  ...settingsLines(plan),
  ...commandLines(plan),
  ...notesOf(plan).map((note) => `Note: ${note}`),
]

function outcome(applied: Applied): string[] {
  if (applied.status === 'unchanged') return ['nothing to change: it is there already']
  const { syntax, files } = applied
  const said = syntax.output === '' ? [] : syntax.output.split('\n').map((line) => `  ${line}`)
  if (applied.status === 'written') {
    return [
      ...files.map(({ path, backup }) => `wrote ${path}${backup ? `; as it was: ${backup}` : ''}`),
      `checked with: ${syntax.command}`,
    ]
  }
  const why =
    syntax.state === 'bad' ? `${syntax.command} says it is wrong` : `it could not be checked (${syntax.command})`
  return [
    `rolled back, everything is as it was: ${why}:`,
    ...said,
    ...(syntax.state === 'unable' ? ['name the checker with --program'] : []),
  ]
}
