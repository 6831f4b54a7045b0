#!/usr/bin/env -S node --max-semi-space-size=4
// A small nursery (MiB): the heap is small and steady, and a large one only keeps memory (measured: 40 MB less at a million entries).
// dracd, and rpc.dracd under its old name.
import { type DracdArguments, parseDracdArguments, USAGE } from '../daemon/argv.ts'
import { Daemon } from '../daemon/daemon.ts'
import { type EffectiveSettings, effectiveSettings } from '../daemon/effective-settings.ts'
import { type Log, openLog } from '../daemon/log.ts'
import { checkLogs } from '../daemon/logs.ts'
import { emptyMaps } from '../daemon/maps.ts'
import { policyOf } from '../daemon/policy.ts'
import { checkPolls } from '../daemon/polls.ts'
import { type ServiceManager, serviceManager } from '../daemon/sd-notify.ts'
import { readTokens } from '../daemon/token.ts'
import { VERSION } from '../daemon/version.ts'
import { DracError, kindOf, messageOf } from '../lib/errors.ts'
import { EXIT } from './exit.ts'
import { isProgram } from './is-program.ts'

/** Runs until a signal stops it; sets the exit code. Resolves with the daemon when it is ready, undefined when there is none. */
export async function runDracd(argv: readonly string[]): Promise<Daemon | undefined> {
  try {
    const args = parseDracdArguments(argv)
    if (args.help) return void process.stdout.write(`${USAGE}\n`)
    if (args.version) return void process.stdout.write(`dracd ${VERSION}\n`)
    if (args.check) return await check(args)
    if (args.emptyMaps) return await leaveEmptyMaps(args)
    return await serve(args)
  } catch (error) {
    if (!(error instanceof DracError) || error.code !== 'DRAC_USAGE') throw error
    process.stderr.write(`dracd: ${error.message}\n`)
    process.exitCode = EXIT.USAGE
  }
}

/** --check: one line for what is wrong, or none. */
async function check(args: DracdArguments): Promise<undefined> {
  try {
    const settings = effectiveSettings(args)
    readTokens(settings.http)
    await checkLogs(settings)
    checkPolls(settings)
    for (const warning of policyOf(settings).warnings) process.stderr.write(`dracd: warning: ${warning}\n`)
  } catch (error) {
    process.stderr.write(`dracd: ${messageOf(error)}\n`)
    process.exitCode = EXIT.CONFIG
  }
}

/** --empty-maps: nobody takes out of a map file what expires after its daemon has died. */
async function leaveEmptyMaps(args: DracdArguments): Promise<undefined> {
  try {
    const failures = await emptyMaps(effectiveSettings(args))
    for (const failure of failures) process.stderr.write(`dracd: ${failure}\n`)
    if (failures.length > 0) process.exitCode = EXIT.TEMPFAIL
  } catch (error) {
    process.stderr.write(`dracd: ${messageOf(error)}\n`)
    process.exitCode = EXIT.CONFIG
  }
}

async function serve(args: DracdArguments): Promise<Daemon | undefined> {
  const manager = serviceManager()
  let log = openLog('info')
  try {
    const settings: EffectiveSettings = effectiveSettings(args)
    log = openLog(settings.log_level, settings.log_format)
    const starting = Daemon.start(args, settings, log)
    onSignals(starting, log, manager)
    const daemon = await starting
    log.info({ event: 'ready', version: VERSION, pid: process.pid, endpoints: daemon.endpoints })
    manager.ready()
    manager.watch(() => daemon.health())
    return daemon
  } catch (error) {
    log.fatal({
      event: 'not-started',
      message: messageOf(error),
      ...(kindOf(error) === 'config' ? {} : { error: String((error as Error).stack) }),
    })
    process.exitCode = kindOf(error) === 'config' ? EXIT.CONFIG : EXIT.SOFTWARE
  }
}

/** A signal that comes while the daemon starts is obeyed when it has. */
function onSignals(starting: Promise<Daemon>, log: Log, manager: ServiceManager): void {
  const whenStarted = (act: (daemon: Daemon) => unknown): Promise<unknown> => starting.then(act, () => {})
  let stopping = false
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) return
    stopping = true
    log.info({ event: 'stopping', signal })
    manager.stopping()
    void whenStarted(async (daemon) => {
      await daemon.stop()
      log.info({ event: 'stopped' })
      process.exit(EXIT.DONE)
    })
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  const reload = (daemon: Daemon): void => {
    manager.reloading()
    daemon.reload()
    manager.ready()
  }
  process.on('SIGHUP', () => void whenStarted(reload))
}

if (isProgram(import.meta.url)) void runDracd(process.argv)
