// sendmail: rules that ask live or read the btree map, and the two older forms.
import type { Endpoint } from '../../net/endpoint.ts'
import { forSendmail } from '../address-text.ts'
import { type DracFacts, endpointFor, type MapFacts, mapFor } from '../facts.ts'
import type { Mta, Plan, Way } from '../plan.ts'
import { snippet } from '../snippet.ts'
import { FILE_DOWN, fileNotes } from '../warnings.ts'
import { cfOf } from './cf.ts'
import { editSendmail } from './edit.ts'
import { inspectSendmail } from './inspect.ts'
import { sendmailSyntax } from './syntax.ts'

const SOCKET: Endpoint = { transport: 'unix', path: '/run/drac/socketmap.sock' }
const REBUILD = ['make -C /etc/mail   # or: m4 sendmail.mc > sendmail.cf', 'systemctl restart sendmail']
const NEVER_T =
  'do NOT add -T<TMPF> to the K line: with these rules every client may then relay while dracd cannot be asked'

/** The .mc text, and the .cf text for who has no .mc. */
function parts(text: string): Plan['parts'] {
  const where = 'at the end; left and right of a rule are separated by tabs'
  return [
    { file: '/etc/mail/sendmail.mc', where, text },
    { file: '/etc/mail/sendmail.cf', where: `instead of the .mc, where there is none: ${where}`, text: cfOf(text) },
  ]
}

function socketmap(facts: DracFacts): Plan {
  const { at, settings } = endpointFor(facts, 'socketmap', ['unix', 'tcp'], SOCKET)
  return {
    settings,
    parts: parts(snippet('sendmail/socketmap.mc', { 'unix:/run/drac/socketmap.sock': forSendmail(at) })),
    commands: REBUILD,
    down: '451 4.3.0, for would-be relays only; after 5 s when dracd hangs',
    notes: [],
  }
}

/** sendmail adds ".db" by itself, and asks for single addresses. */
const isBtree = ({ path, format, key }: MapFacts): boolean =>
  format === 'btree' && key === 'address' && path.endsWith('.db')

function fromMap(name: string, notes: readonly string[]): (facts: DracFacts) => Plan {
  return (facts) => {
    const { at, settings } = mapFor(facts, isBtree, { path: '/etc/mail/dracd.db', format: 'btree' })
    return {
      settings,
      parts: parts(snippet(name, { '/etc/mail/dracd\n': `${at.path.slice(0, -'.db'.length)}\n` })),
      commands: REBUILD,
      down: FILE_DOWN,
      notes: [
        ...notes,
        `the directory of ${at.path} must not be writable for group or others`,
        ...fileNotes(facts, at),
      ],
    }
  }
}

function feature(facts: DracFacts): Plan {
  const { at, settings } = endpointFor(facts, 'socketmap', ['unix', 'tcp'], SOCKET)
  return {
    settings,
    parts: [
      {
        file: '/etc/mail/sendmail.mc',
        where: 'before the MAILER lines',
        text: snippet('sendmail/feature.mc', { 'unix:/run/drac/socketmap.sock': forSendmail(at) }),
      },
    ],
    commands: REBUILD,
    down: '550, for would-be relays only',
    notes: [NEVER_T],
  }
}

const way = (name: string, summary: string, plan: Way['plan']): Way => ({
  name,
  summary,
  plan,
  edit: (facts, places) => editSendmail(plan(facts), places),
})

export const sendmail: Mta = {
  name: 'sendmail',
  title: 'sendmail',
  ways: [
    way('socketmap', 'asked live: recommended', socketmap),
    way('file', 'the btree map that dracd keeps, our rules', fromMap('sendmail/btree.mc', [])),
    way(
      'original',
      "the btree map, with the rules of the original's INSTALL",
      fromMap('sendmail/original.mc', [NEVER_T]),
    ),
    way('feature', "Debian's FEATURE(drac), asked live", feature),
  ],
  inspect: inspectSendmail,
  syntax: sendmailSyntax,
}
