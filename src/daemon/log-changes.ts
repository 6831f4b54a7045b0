// Log lines for what changes in the relay table and for what is refused.
import type { Channel } from 'node:diagnostics_channel'
import { type Change, changes } from '../core/changes.ts'
import { type Refused, refused } from '../core/refused.ts'
import { type Limited, limited, type Relayed, relayed } from '../lookups/postfix-policy/relayed.ts'
import { type MapEvent, mapEvents } from '../maps/publisher/map-events.ts'
import { type NetTrouble, netTrouble } from '../net/trouble.ts'
import { type LogTrouble, logTrouble } from '../reports/log-follower/trouble.ts'
import { type PollEvent, pollEvents } from '../reports/still-connected/poll-events.ts'
import { type Log, outside } from './log.ts'
import { Repeats } from './repeats.ts'

/** New addresses logged each second; the rest of that second is summed up. */
const NEW_PER_SECOND = 20
const SUMMARY_MS = 60_000

/** Subscribes until the returned function is called. */
export function logChanges(log: Log): () => void {
  const repeats = new Repeats()
  const added = new AddedLines(log)
  const undo = [
    subscribe<Change>(changes, (change) => logChange(log, change, added)),
    subscribe<Refused>(refused, ({ reporter, client, reason, via }) => {
      if (repeats.first(`refused ${via} ${reporter} ${reason}`))
        log.warn({ event: 'refused', via, reporter, client, reason })
    }),
    subscribe<NetTrouble>(netTrouble, ({ event, endpoint, peer, reason }) => {
      if (repeats.first(`${event} ${endpoint} ${peer} ${reason}`))
        log.warn({ event: `connection-${event}`, endpoint, peer, reason })
    }),
    subscribe<Relayed>(relayed, ({ expiresAt, ...line }) =>
      log.info({ event: 'relayed', ...cut(line), expires_at: expiresAt }),
    ),
    subscribe<Limited>(limited, ({ perHour, ...line }) => {
      if (repeats.first(`limited ${line.key} ${line.reached}`))
        log.warn({ event: 'limited', ...cut(line), per_hour: perHour })
    }),
    subscribe<MapEvent>(mapEvents, (event) => logMap(log, event)),
    subscribe<PollEvent>(pollEvents, (event) => logPoll(log, event)),
    subscribe<LogTrouble>(logTrouble, (trouble) => logLog(log, trouble)),
  ]
  const timer = setInterval(() => {
    for (const [what, again] of repeats.drain()) log.warn({ event: 'repeated', what: outside(what), again })
  }, SUMMARY_MS).unref()
  return () => {
    clearInterval(timer)
    added.flush()
    for (const each of undo) each()
  }
}

function subscribe<T>(to: Channel, listener: (message: T) => void): () => void {
  const onMessage = (message: unknown): void => listener(message as T)
  to.subscribe(onMessage)
  return () => to.unsubscribe(onMessage)
}

function logChange(log: Log, change: Change, added: AddedLines): void {
  const { key, source, expiresAt } = change.authorization
  if (change.type === 'added') added.log(key, outside(source), expiresAt)
  else if (change.type === 'revoked' || change.type === 'shortened')
    log.info({
      event: change.type,
      address: key,
      source: outside(source),
      by: outside(change.by),
      ...(change.type === 'shortened' ? { expires_at: expiresAt } : {}),
    })
  else if (log.isLevelEnabled('debug'))
    log.debug({ event: change.type, address: key, source: outside(source), expires_at: expiresAt })
}

/** Every text cut to what a log line bears. */
const cut = (line: object): object =>
  Object.fromEntries(
    Object.entries(line).map(([name, value]) => [name, typeof value === 'string' ? outside(value) : value]),
  )

function logMap(log: Log, event: MapEvent): void {
  const { type, path, what } = event
  const name = what === 'command' ? 'map-command' : 'map'
  const still =
    what === 'command' ? 'what it makes of the map stays as it was' : 'the file goes on permitting what it holds'
  if (type === 'recovered') log.info({ event: `${name}-recovered`, path })
  else log.error({ event: `${name}-failed`, path, message: `${event.reason}; ${still}` })
}

function logPoll(log: Log, event: PollEvent): void {
  const { type, name } = event
  if (type === 'recovered') log.info({ event: 'poll-recovered', name, failures: event.failures })
  else log.warn({ event: 'poll-failed', name, message: outside(event.reason) })
}

function logLog(log: Log, trouble: LogTrouble): void {
  const name = trouble.log
  if (trouble.type === 'recovered') log.info({ event: 'log-recovered', log: name })
  else if (trouble.type === 'failed') log.error({ event: 'log-failed', log: name, message: trouble.reason })
  else
    log.warn({
      event: 'log-lost',
      log: name,
      message: `${trouble.files.join(', ')}: nowhere to be found any more; what was written to it after the last look is lost`,
    })
}

/** One line for each new address, as long as they do not come in floods. */
class AddedLines {
  readonly #log: Log
  #second = 0
  #count = 0

  constructor(log: Log) {
    this.#log = log
  }

  log(address: string, source: string, expires_at: number): void {
    const second = Math.floor(performance.now() / 1000)
    if (second !== this.#second) {
      this.flush()
      this.#second = second
    }
    if (++this.#count <= NEW_PER_SECOND) this.#log.info({ event: 'added', address, source, expires_at })
  }

  flush(): void {
    if (this.#count > NEW_PER_SECOND) this.#log.info({ event: 'added-more', count: this.#count - NEW_PER_SECOND })
    this.#count = 0
  }
}
