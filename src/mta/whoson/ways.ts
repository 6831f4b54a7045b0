// WHOSON: POP and IMAP servers built with libwhoson, which reads one file on each host.
import { parseAddress } from '../../lib/address.ts'
import type { Endpoint } from '../../net/endpoint.ts'
import { type DracFacts, endpointFor } from '../facts.ts'
import type { MailServer, Plan } from '../plan.ts'
import { snippet } from '../snippet.ts'

const PROPOSAL: Endpoint = { transport: 'udp', address: parseAddress('127.0.0.1'), port: 9876 }

function client(facts: DracFacts): Plan {
  const { at, settings } = endpointFor(facts, 'whoson', ['udp', 'tcp', 'unix'], PROPOSAL)
  const logins = facts.whosonLogins ? [] : [...(settings.length === 0 ? ['[whoson]'] : []), 'logins = true']
  return {
    settings: [...settings, ...logins],
    parts: [{ file: '/etc/whoson.conf', where: 'the client entries, in place of others', text: entry(at) }],
    commands: [],
    down: 'a POP server waits 3.1 s at each login and goes on; Exim with a whoson look-up says 451',
    notes: [
      'the file is read by every program built with libwhoson: tpop3d, Teapop, imap-uw, ZMailer, Exim (integrations/whoson)',
      at.transport === 'unix'
        ? `whoever may open ${at.path} may report: its mode is 0660, and lookup_group names the group`
        : 'trusted_clients must name the host that the POP server runs on; "address" takes no host names',
      'LOGIN and LOGOUT of one address must come over the same endpoint from the same host',
    ],
  }
}

function entry(at: Endpoint): string {
  if (at.transport === 'unix') return `client\tunix\n\tport=${at.path}\n`
  const where = { 'address=127.0.0.1': `address=${at.address}`, 'port=9876': `port=${at.port}` }
  const udp = snippet('whoson/whoson.conf', where)
  return at.transport === 'udp' ? udp : udp.replace('client\tudp', 'client\ttcp').replace(/\tmaxtries[\s\S]*/, '')
}

export const whoson: MailServer = {
  name: 'whoson',
  title: 'WHOSON (tpop3d, Teapop, imap-uw)',
  ways: [{ name: 'client', summary: 'LOGIN and LOGOUT through libwhoson', plan: client }],
  byHand: 'other programs may read whoson.conf too, and the order of its entries matters',
}
