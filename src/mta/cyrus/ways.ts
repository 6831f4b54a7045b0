// Cyrus IMAP and POP3: its access events, through notifyd or straight to dracd; its list of connections; its log.
import { type Asked, type DracFacts, endpointFor } from '../facts.ts'
import type { MailServer, Plan } from '../plan.ts'
import { snippet } from '../snippet.ts'

const GROUP = 'drac-report'
const IMAPD_CONF = { file: '/etc/imapd.conf', where: 'in place of lines of the same names: Cyrus takes each once' }
const RESTART = 'systemctl restart cyrus-imapd   # a new group counts from then on; for imapd.conf alone, reload'

const EVENT_NOTES = [
  'event_extra_params must have clientAddress, which is not in its default: events have no address without it',
  'options in imapd.conf do not reach services that cyrus.conf starts with -C and another file',
  'a POP3 connection that ends without QUIT has no Logout: it counts as open until session_lease is over; with --via poll as well, session_lease may be as short as 15m',
  'frontends of a murder: name them in exempt_networks, or their own logins on the backends open the relay to them (integrations/cyrus)',
]

/** Who may use the socket: Cyrus runs as the user cyrus. */
function admitCyrus({ reportGroup }: DracFacts): { settings: string[]; commands: string[] } {
  const group = reportGroup || GROUP
  const create = reportGroup === '' ? [`groupadd --force --system ${GROUP}`] : []
  return {
    settings: reportGroup === '' ? [`report_group = "${GROUP}"   # above every [table]`] : [],
    commands: [...create, `usermod --append --groups ${group} cyrus`],
  }
}

function external(facts: DracFacts): Plan {
  const path = '/run/drac/report.sock'
  const { settings } = endpointFor(facts, 'report', ['unix'], { transport: 'unix', path })
  const admitted = admitCyrus(facts)
  return {
    settings: [...admitted.settings, ...settings],
    parts: [{ ...IMAPD_CONF, text: snippet('cyrus/external.conf') }],
    commands: [...admitted.commands, 'systemctl restart dracd', RESTART],
    down: 'logins go on as ever; dracd never hears of those that it missed, unless --via poll is set up as well',
    notes: [
      'drac-report is in libdrac/ (npm run build:libdrac); the notify line of cyrus.conf must be there, as Debian has it',
      'where dracd runs as the user drac (the packages): usermod --append --groups drac-report drac, too',
      ...EVENT_NOTES,
    ],
  }
}

function dlist(facts: DracFacts): Plan {
  const { at, settings } = socketOf(facts)
  const admitted = admitCyrus(facts)
  return {
    settings: [...admitted.settings, ...settings],
    parts: [{ ...IMAPD_CONF, text: snippet('cyrus/dlist.conf', { '/run/drac/cyrus.sock': at.path }) }],
    commands: [...admitted.commands, 'systemctl restart dracd', RESTART],
    down: 'logins go on as ever, without delay; dracd never hears of them. But while dracd hangs, every login waits until it goes on: Cyrus has no limit of its own',
    notes: [
      'Cyrus has one notifysocket: with this one, notifyd gets nothing any more, and Sieve\'s "notify" action and others that need it are lost',
      ...EVENT_NOTES,
    ],
  }
}

function socketOf(facts: DracFacts): Asked<{ path: string }> {
  const proposal = { transport: 'unix', path: '/run/drac/cyrus.sock' } as const
  const { at, settings } = endpointFor(facts, 'cyrus', ['unix'], proposal)
  return { at: at.transport === 'unix' ? at : proposal, settings }
}

const poll = (facts: DracFacts): Plan => ({
  settings: facts.polls.some(({ server }) => server === 'cyrus')
    ? []
    : ['[[poll]]', 'server = "cyrus"', '# command = ["/usr/lib/cyrus/bin/cyr_info", "proc"]', 'interval = "5m"'],
  parts: [],
  commands: ['systemctl restart dracd', 'runuser -u cyrus -- /usr/lib/cyrus/bin/cyr_info proc   # what dracd is told'],
  down: 'logins go on as ever; who is still connected when dracd is back is found by its first poll',
  notes: [
    'it shows who is connected, not who logged in and left between two polls: POP3 clients mostly do; use it beside --via external, or dlist',
    'cyr_info must run as root, which becomes cyrus, or as cyrus; where dracd runs as another user, let it use sudo: command = ["sudo", "-n", "-u", "cyrus", "/usr/lib/cyrus/bin/cyr_info", "proc"]',
  ],
})

const log = (facts: DracFacts): Plan => ({
  settings: facts.logs.some(({ servers }) => servers.length === 0 || servers.includes('cyrus'))
    ? []
    : ['[[log]]', 'path = "/var/log/mail.log"', 'servers = ["cyrus"]'],
  parts: [],
  commands: ['systemctl restart dracd', 'drac logs test /var/log/mail.log --server cyrus   # what dracd makes of it'],
  down: 'logins go on as ever; dracd reads on where it stopped, when it is back',
  notes: ["for a Cyrus whose configuration is not yours to change; Cyrus' events say more, and cannot be forged"],
})

export const cyrus: MailServer = {
  name: 'cyrus',
  title: 'Cyrus IMAP and POP3',
  ways: [
    { name: 'external', summary: 'its events through notifyd and drac-report', plan: external },
    { name: 'dlist', summary: 'its events straight to dracd, which logins wait for', plan: dlist },
    { name: 'poll', summary: 'its list of who is connected, beside one of the others', plan: poll },
    { name: 'log', summary: 'its lines in the log', plan: log },
  ],
  byHand:
    'imapd.conf takes each name once, and event_groups and notifysocket may serve others already: edit it by hand',
}
