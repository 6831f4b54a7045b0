#!/usr/bin/env node
// drac: the administrator's command.
import { Command, CommanderError } from 'commander'
import { VERSION } from '../daemon/version.ts'
import { DracError, messageOf } from '../lib/errors.ts'
import { addAuth } from './drac/auth.ts'
import { addCheck } from './drac/check.ts'
import { addConfig } from './drac/config.ts'
import { addList } from './drac/list.ts'
import { addLogs } from './drac/logs.ts'
import { addPermit } from './drac/permit.ts'
import { addRevoke } from './drac/revoke.ts'
import { addSetup } from './drac/setup.ts'
import { addShow } from './drac/show.ts'
import { addStatus } from './drac/status.ts'
import { printable } from './drac/text.ts'
import { addWatch } from './drac/watch.ts'
import { EXIT } from './exit.ts'
import { isProgram } from './is-program.ts'

export function dracCommand(): Command {
  const program = new Command('drac')
    .description('Who may relay, and why: asks and steers a running dracd.')
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError('(drac --help, or drac COMMAND --help)')
  for (const add of [
    addAuth,
    addPermit,
    addRevoke,
    addList,
    addShow,
    addStatus,
    addWatch,
    addSetup,
    addCheck,
    addConfig,
    addLogs,
  ])
    add(program).exitOverride()
  return program
}

/** The exit code of what went wrong, after saying it. */
function fail(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.DONE : EXIT.USAGE
  process.stderr.write(`drac: ${printable(messageOf(error))}\n`)
  if (!(error instanceof DracError)) return EXIT.SOFTWARE
  if (error.code === 'DRAC_UNREACHABLE') return EXIT.UNAVAILABLE
  return error.kind === 'tempfail' ? EXIT.TEMPFAIL : error.kind === 'config' ? EXIT.CONFIG : EXIT.USAGE
}

/** Sets the exit code. */
export async function runDrac(): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? EXIT.DONE : EXIT.SOFTWARE),
  )
  await dracCommand()
    .parseAsync()
    .catch((error) => {
      process.exitCode = fail(error)
    })
}

if (isProgram(import.meta.url)) void runDrac()
