// drac watch: what happens, as it happens.
import type { Command } from 'commander'
import { controlLines } from '../../client/control.ts'
import type { WatchedEvent } from '../../daemon/control-views.ts'
import { type CommonOptions, common, controlPath } from './context.ts'
import { localTime, printable } from './text.ts'

export const addWatch = (program: Command): Command =>
  common(program.command('watch')).description('show events as they happen, until interrupted').action(watch)

async function watch(options: CommonOptions): Promise<void> {
  for await (const line of controlLines(controlPath(options), '/v1/events')) {
    if (!line.startsWith('data: ')) continue
    const json = line.slice('data: '.length)
    process.stdout.write(`${options.json ? json : printable(describe(JSON.parse(json) as WatchedEvent))}\n`)
  }
}

/** `2026-11-25 20:15:03 added 192.0.2.25 source=dovecot 192.0.2.1`: what is always there, then what else there is. */
function describe({ event, at, address, expires_at, ...rest }: WatchedEvent): string {
  const until = typeof expires_at === 'number' ? [`until=${localTime(expires_at)}`] : []
  const details = Object.entries(rest).map(([name, value]) => `${name}=${String(value)}`)
  return [
    localTime(Math.floor(at)),
    event,
    ...(address === undefined ? [] : [String(address)]),
    ...until,
    ...details,
  ].join(' ')
}
