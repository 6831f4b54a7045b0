// Real Postfix, configured as integrations/postfix says.
import { readFileSync } from 'node:fs'
import { describe } from 'vitest'
import { startPostfix } from './postfix.ts'
import { skipping } from './programs.ts'
import { describeRelay } from './relay-suite.ts'

const snippet = (name: string): string => readFileSync(`integrations/postfix/${name}.cf`, 'utf8')

describe.skipIf(skipping('postfix.test.ts', 'postfix', 'libtirpc'))('Postfix', () => {
  describeRelay('socketmap over TCP', {
    start: (namespace) => startPostfix(namespace, snippet('socketmap'), { chroot: true }),
    denied: 554,
    source: 'live',
    midSession: true,
    recovers: 'in the session',
    stopped: 451,
    hanging: 'waits',
  })

  describeRelay('socketmap over a unix socket, not chrooted', {
    start: (namespace) =>
      startPostfix(namespace, snippet('socketmap').replace('inet:127.0.0.1:9899', 'unix:/run/drac/socketmap.sock')),
    dracd: { socketGroup: 'postfix' }, // smtpd runs as postfix
    denied: 554,
    source: 'live',
    midSession: true,
    recovers: 'in the session',
    stopped: 451,
    hanging: 'waits',
  })

  describeRelay('socketmap over a unix socket in the queue directory, chrooted', {
    start: (namespace) =>
      startPostfix(namespace, snippet('socketmap').replace('inet:127.0.0.1:9899', 'unix:drac/socketmap.sock'), {
        chroot: true,
      }),
    dracd: {
      set: { 'socketmap.listen': '["unix:/var/spool/postfix/drac/socketmap.sock"]' },
      socketGroup: 'postfix',
    },
    denied: 554,
    source: 'live',
    midSession: true,
    recovers: 'in the session',
    stopped: 451,
    hanging: 'waits',
  })

  describeRelay("dracd's btree map", {
    start: (namespace) => startPostfix(namespace, snippet('btree')),
    dracd: { dbfile: '/etc/mail/dracd.db' },
    denied: 554,
    source: 'map',
    midSession: false, // a map that was replaced is seen by the next session
    recovers: 'in the session',
    stopped: 554,
    hanging: 554,
  })
})
