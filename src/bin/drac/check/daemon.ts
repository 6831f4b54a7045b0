// What a running dracd says of itself, held against its settings.
import type { StatusView } from '../../../daemon/control-views.ts'
import type { Settings } from '../../../daemon/settings/schema.ts'
import { formatDuration } from '../../../lib/duration.ts'
import { error, type Finding, ok, warning } from '../../../mta/check/finding.ts'

/** A map that is later than this has trouble, or more changes than it can write. */
const MAX_LAG_SECONDS = 60

export function daemonFindings(status: StatusView, settings: Settings): Finding[] {
  return [
    storeFinding(status),
    ...fullness(status),
    ...settings.map.flatMap(({ path }) => mapFindings(path, status)),
    ...portmapper(status),
  ]
}

function storeFinding({ store, now }: StatusView): Finding {
  if (store.state === 'up') return ok('store', `up: ${store.path}`)
  return error(
    'store',
    `down for ${formatDuration(now - store.since)}: ${store.reason}; logins are refused and mail servers are told to try again`,
    `mend ${store.path}; dracd takes it up again by itself`,
  )
}

function fullness({ entries, max_entries }: StatusView): Finding[] {
  if (entries === null || entries < max_entries * 0.9) return []
  return [
    warning(
      'store',
      `${entries} of at most ${max_entries} entries: new addresses are refused when it is full`,
      'raise max_entries, or shorten lifetime',
    ),
  ]
}

function mapFindings(path: string, { maps, now }: StatusView): Finding[] {
  const map = maps.find((each) => each.path === path)
  if (!map)
    return [
      warning(`map ${path}`, 'the running dracd does not keep it', 'restart dracd: [[map]] is read at the start only'),
    ]
  const { error: failure, failing_since: since } = map
  if (typeof failure === 'string') {
    const age = typeof since === 'number' ? ` for ${formatDuration(now - since)}` : ''
    return [
      error(
        `map ${path}`,
        `failing${age}: ${failure}; the mail server goes on with what it had`,
        'mend what it says; dracd tries again by itself',
      ),
    ]
  }
  if (map.lag > MAX_LAG_SECONDS) {
    return [
      warning(
        `map ${path}`,
        `${formatDuration(map.lag)} behind`,
        'drac status tells how long a rewrite takes; a live look-up is never behind',
      ),
    ]
  }
  return [ok(`map ${path}`, `${map.format}, ${map.entries} entries, up to date`)]
}

function portmapper({ portmapper, endpoints }: StatusView): Finding[] {
  if (portmapper.mode === 'off' || (endpoints.drac_rpc ?? []).length === 0) return []
  return [
    ...(portmapper.forwards
      ? [
          warning(
            'portmapper',
            'the portmapper makes calls for strangers (CALLIT): reports from this host are not believed over UDP',
            'set drac_rpc.portmapper = "builtin" and stop rpcbind, or let clients use TCP',
          ),
        ]
      : []),
    portmapper.registered
      ? ok('portmapper', `${portmapper.mode}: clients find dracd`)
      : warning(
          'portmapper',
          `clients that ask the portmapper do not find dracd: ${portmapper.reason}`,
          'start rpcbind, or drac_rpc.portmapper = "builtin", or give the clients a port',
        ),
  ]
}
