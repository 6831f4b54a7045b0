// dracd's command line: `[-i] [-e minutes] [dbfile]` as rpc.dracd takes them, and ours.
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { configError, messageOf } from '../lib/errors.ts'

export interface DracdArguments {
  /** Started under the name rpc.dracd: the original's defaults apply. */
  readonly legacy: boolean
  /** -i: what was authorized before the start is forgotten. */
  readonly empty: boolean
  /** -e, in minutes. */
  readonly minutes?: number
  /** The btree map to keep, as an absolute path. */
  readonly dbfile?: string
  readonly config?: string
  readonly set: readonly string[]
  readonly check: boolean
  /** Leave every map file empty and exit: what a service manager runs after a crash. */
  readonly emptyMaps: boolean
  readonly version: boolean
  readonly help: boolean
}

export const USAGE = `usage: dracd [-i] [-e minutes] [--config FILE] [--set name=value]... [dbfile]
       dracd --check | --empty-maps | --version | --help

  -i             forget what was authorized before
  -e minutes     how long one login permits relaying (default 30)
  dbfile         keep this Berkeley DB btree map, as rpc.dracd did
  --config FILE  settings (default /etc/drac/dracd.toml)
  --set N=V      one setting, over the file; repeatable
  --check        read the settings, say what is wrong, exit 78 or 0
  --empty-maps   leave every map file empty, for a service manager after a crash`

const usage = (message: string): Error => configError('DRAC_USAGE', `${message}\n${USAGE}`)

/** @param argv process.argv: the interpreter, the program, its arguments. Throws `config` DRAC_USAGE. */
export function parseDracdArguments(argv: readonly string[]): DracdArguments {
  const { values, positionals } = parse(argv.slice(2))
  if (positionals.length > 1)
    throw usage(`one dbfile at most, not ${positionals.map((p) => JSON.stringify(p)).join(' and ')}`)
  const legacy = basename(argv[1] ?? '').startsWith('rpc.dracd')
  const dbfile = positionals[0] ?? (legacy ? DEFAULT_DBFILE : undefined)
  return {
    legacy,
    empty: values.i ?? false,
    ...(values.e === undefined ? {} : { minutes: minutes(values.e) }),
    ...(dbfile === undefined ? {} : { dbfile }),
    ...(values.config === undefined ? {} : { config: values.config }),
    set: values.set ?? [],
    check: values.check ?? false,
    emptyMaps: values['empty-maps'] ?? false,
    version: values.version ?? false,
    help: values.help ?? false,
  }
}

/** Where the upstream release kept it. */
const DEFAULT_DBFILE = '/etc/mail/dracd.db'

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        i: { type: 'boolean', short: 'i' },
        e: { type: 'string', short: 'e' },
        config: { type: 'string' },
        set: { type: 'string', multiple: true },
        check: { type: 'boolean' },
        'empty-maps': { type: 'boolean' },
        version: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw usage(messageOf(error))
  }
}

function minutes(text: string): number {
  const value = Number(text)
  if (!/^\d{1,7}$/.test(text) || value < 1)
    throw usage(`-e takes a number of minutes, at least 1, not ${JSON.stringify(text)}`)
  return value
}
