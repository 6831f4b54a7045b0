// Real sendmail, configured as integrations/sendmail says.
import { readFileSync } from 'node:fs'
import { describe } from 'vitest'
import { skipping } from './programs.ts'
import { describeRelay } from './relay-suite.ts'
import { startSendmail } from './sendmail.ts'

const snippet = (name: string): string => readFileSync(`integrations/sendmail/${name}.mc`, 'utf8')
const MAP = { dbfile: '/etc/mail/dracd.db' }

describe.skipIf(skipping('sendmail.test.ts', 'sendmail', 'libtirpc'))('sendmail', () => {
  describeRelay("the original's ruleset on dracd's btree map", {
    start: (namespace) => startSendmail(namespace, snippet('original')),
    dracd: MAP,
    denied: 550,
    source: 'map',
    midSession: true,
    recovers: 'in the session',
    stopped: 550, // a clean stop leaves an empty map
    hanging: 550,
  })

  describeRelay('our ruleset on the btree map', {
    start: (namespace) => startSendmail(namespace, snippet('btree')),
    dracd: MAP,
    denied: 550,
    source: 'map',
    midSession: true,
    recovers: 'in the session',
    stopped: 550,
    hanging: 550,
  })

  describeRelay('our ruleset on socketmap over a unix socket', {
    start: (namespace) => startSendmail(namespace, snippet('socketmap')),
    denied: 550,
    source: 'live',
    midSession: true,
    recovers: 'in the next session', // a socket that could not be opened is not tried again in a session
    stopped: 451,
    hanging: 451,
  })

  describeRelay('our ruleset on socketmap over TCP', {
    start: (namespace) =>
      startSendmail(namespace, snippet('socketmap').replace('unix:/run/drac/socketmap.sock', 'inet:9899@127.0.0.1')),
    denied: 550,
    source: 'live',
    midSession: true,
    recovers: 'in the next session', // a socket that could not be opened is not tried again in a session
    stopped: 451,
    hanging: 451,
  })

  describeRelay("Debian's FEATURE(`drac') on socketmap", {
    start: (namespace) => startSendmail(namespace, snippet('feature')),
    denied: 550,
    source: 'live',
    midSession: true,
    recovers: 'in the next session', // a socket that could not be opened is not tried again in a session
    stopped: 550, // its rules do not tell "no" from "cannot ask"
    hanging: 451,
  })
})
