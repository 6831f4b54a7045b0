// Dovecot: six ways to tell of its logins.
import { parseAddress } from '../../lib/address.ts'
import type { Endpoint } from '../../net/endpoint.ts'
import { type DracFacts, endpointFor, hostOf } from '../facts.ts'
import type { MailServer, Part, Plan } from '../plan.ts'
import { snippet } from '../snippet.ts'

const AT: Endpoint = { transport: 'tcp', address: parseAddress('127.0.0.1'), port: 8025 }
const TOKEN_FILE = '/etc/drac/report-token'
const KEY_FILE = '/etc/drac/doveadm-key'
const CONFIG = '/etc/dovecot/drac.conf'
/** Programs that run as a user, dovecot-lda say, read the configuration too: they must not fail on what only root may read. */
const INCLUDE: Part = {
  file: '/etc/dovecot/dovecot.conf',
  where: 'at the end, once',
  text: `!include_try ${CONFIG}\n`,
}
const RELOAD = 'doveadm reload'
const DOWN = 'logins go on as ever, and wait for nothing; dracd never hears of those that it missed'

const config = (text: string): Part => ({ file: CONFIG, where: 'the whole file', text })

/** What Dovecot posts to dracd. */
function posted(facts: DracFacts, name: string, notes: readonly string[]): Plan {
  const { at, settings } = endpointFor(facts, 'http', ['tcp'], AT)
  if (at.transport === 'unix') throw new Error('Dovecot speaks HTTP over TCP')
  const { tokenFile } = facts
  const path = tokenFile || TOKEN_FILE
  const table = settings.length > 0 ? settings : ['[http]']
  return {
    settings: tokenFile === '' ? [...table, `report_token_file = "${path}"`] : settings,
    parts: [INCLUDE, config(snippet(`dovecot/${name}.conf`, { '127.0.0.1:8025': `${hostOf(at)}:${at.port}` }))],
    commands: [
      ...(tokenFile === '' ? [`openssl rand -hex 24 | install -m 640 -g drac /dev/stdin ${path}`] : []),
      `chmod 600 ${CONFIG}`,
      `sed -i "s/TOKEN/$(cat ${path})/" ${CONFIG}`,
      RELOAD,
    ],
    down: DOWN,
    notes: [
      ...(tokenFile === '' ? ['make the token file before dracd is restarted'] : []),
      `only root may read ${CONFIG}, since the token goes into it`,
      'a session whose end dracd missed keeps its address for session_lease; --via poll beside it, or alone, knows better',
      ...notes,
    ],
  }
}

const policy = (facts: DracFacts): Plan =>
  posted(facts, 'policy', [
    'where another auth policy server is in use (weakforced), take --via events: Dovecot knows one only',
  ])

const events = (facts: DracFacts): Plan => posted(facts, 'events', [])

function poll(facts: DracFacts): Plan {
  const known = facts.polls.some(({ server }) => server === 'dovecot')
  return {
    settings: known ? [] : ['[[poll]]', 'server = "dovecot"', 'interval = "5m"'],
    parts: [INCLUDE, config(snippet('dovecot/poll.conf'))],
    commands: ['systemctl restart dovecot'],
    down: DOWN,
    notes: [
      'a reload is not enough: it leaves the socket as it is',
      'a login counts from the next poll on, and one shorter than the interval may never be seen: --via policy beside it tells at once',
      'for both, put the texts of both into the file',
    ],
  }
}

function pollHttp(facts: DracFacts): Plan {
  const known = facts.polls.some(({ server, url }) => server === 'dovecot' && url !== '')
  const lines = [`url = "http://127.0.0.1:8088/doveadm/v1"`, `key_file = "${KEY_FILE}"`, 'interval = "5m"']
  return {
    settings: known ? [] : ['[[poll]]', 'server = "dovecot"', ...lines],
    parts: [INCLUDE, config(snippet('dovecot/poll-http.conf'))],
    commands: [
      `openssl rand -hex 24 | install -m 640 -g drac /dev/stdin ${KEY_FILE}`,
      `chmod 600 ${CONFIG}`,
      `sed -i "s/KEY/$(cat ${KEY_FILE})/" ${CONFIG}`,
      RELOAD,
    ],
    down: DOWN,
    notes: [
      'the key opens every mailbox, and HTTP is not encrypted: on one host take --via poll',
      'make the key file before dracd is restarted',
    ],
  }
}

const postlogin = (): Plan => ({
  settings: [
    'report_group = "drac-report"        # above the first [table]',
    '[report]',
    'listen = ["unix:/run/drac/report.sock"]',
  ],
  parts: [
    INCLUDE,
    config(snippet('dovecot/postlogin.conf')),
    { file: '/usr/local/lib/drac-postlogin', where: 'the whole file', text: snippet('dovecot/drac-postlogin') },
  ],
  commands: ['chmod 755 /usr/local/lib/drac-postlogin', RELOAD],
  down: 'logins go on; while dracd hangs each waits for two seconds',
  notes: [
    'nothing tells of the end of a session, and nothing renews it: --via poll beside it does',
    'report_group and [report] must be there once; the group is made with "groupadd --system drac-report"',
  ],
})

const log = (facts: DracFacts): Plan => ({
  settings: facts.logs.some(({ servers }) => servers.length === 0 || servers.includes('dovecot'))
    ? []
    : ['[[log]]', 'path = "/var/log/mail.log"', 'servers = ["dovecot"]'],
  parts: [],
  commands: ['systemctl restart dracd'],
  down: 'logins go on as ever; dracd reads what it missed when it is back',
  notes: ['where no file is written: journal = ["dovecot.service"] in place of the path'],
})

export const dovecot: MailServer = {
  name: 'dovecot',
  title: 'Dovecot',
  ways: [
    { name: 'policy', summary: 'auth policy reports, and the event of the end of each session', plan: policy },
    { name: 'events', summary: 'the same from events alone', plan: events },
    { name: 'poll', summary: 'asked who is connected: doveadm who', plan: poll },
    { name: 'poll-http', summary: 'the same over the doveadm HTTP API', plan: pollHttp },
    { name: 'postlogin', summary: 'a script that runs after each login', plan: postlogin },
    { name: 'log', summary: 'the log, followed', plan: log },
  ],
  byHand: 'its configuration is edited by hand: the file holds the token, and yours may include others',
}
