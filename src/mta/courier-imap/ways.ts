// Courier IMAP and POP3: programs in place of the ones that serve a session, which report it while it lasts.
import type { DracFacts } from '../facts.ts'
import type { MailServer, Part, Plan } from '../plan.ts'
import { snippet } from '../snippet.ts'

const SERVED = [
  { wrapper: '/usr/local/bin/drac-imapd', program: '/usr/bin/imapd', scripts: 'imapd' },
  { wrapper: '/usr/local/bin/drac-pop3d', program: '/usr/lib/courier/courier/courierpop3d', scripts: 'pop3d' },
] as const
const CHMOD = `chmod 755 ${SERVED.map(({ wrapper }) => wrapper).join(' ')}`

const DOWN = 'logins go on as ever, and wait for nothing; dracd hears of sessions that are still open when it is back'
const REPORT = '/usr/sbin/drac-report'
const GROUP = 'drac-report'
const SOCKET = '/run/drac/report.sock'

const groupOf = ({ reportGroup }: DracFacts): string => (reportGroup === '' ? GROUP : reportGroup)

/** A session runs as its mail user: it may report over the socket because drac-report belongs to the group. */
function settings({ reportGroup, endpoints }: DracFacts): string[] {
  return [
    ...(reportGroup === '' ? [`report_group = "${GROUP}"`] : []),
    ...(endpoints.report.length === 0 ? ['[report]', `listen = ["unix:${SOCKET}"]`] : []),
  ]
}

const notes = (facts: DracFacts): string[] => [
  ...(facts.reportGroup === ''
    ? [
        `first "groupadd --system ${GROUP}", and where dracd runs as the user drac "usermod --append --groups ${GROUP} drac"; report_group stands above the first [table] of the file`,
      ]
    : []),
  'with DRACHOST in /etc/courier/imapd and /etc/courier/pop3d it reports over RPC instead, to several hosts if need be; then "drac revoke" does not hold while the client stays connected',
  'every 600 s while a session lasts, which is to be less than half of lifetime: DRAC_RENEW=SECONDS in the same files',
]

const wrappers = (suffix = ''): Part[] =>
  SERVED.map(({ wrapper, program }) => ({
    file: wrapper,
    where: 'the whole file',
    text: snippet(`courier-imap/${wrapper.split('/').at(-1)}`, { [`exec ${program} `]: `exec ${program}${suffix} ` }),
  }))

/** Beside each script that is changed stays what it was. */
const edit = ({ wrapper, program, scripts }: (typeof SERVED)[number]): string => {
  const served = `[^[:space:]]*/${program.split('/').at(-1)} \${MAILDIRPATH}`
  const files = [scripts, `${scripts}-ssl`].map((name) => `/usr/lib/courier/${name}`)
  return `sed -i.before-drac 's|${served}|${wrapper} \${MAILDIRPATH}|' ${files.join(' ')}`
}

const scripts = (facts: DracFacts): Plan => ({
  settings: settings(facts),
  parts: wrappers(),
  commands: [
    CHMOD,
    `chgrp ${groupOf(facts)} ${REPORT}`,
    `chmod 2755 ${REPORT}`,
    ...SERVED.map(edit),
    'systemctl restart courier-imap courier-imap-ssl courier-pop courier-pop-ssl',
  ],
  down: DOWN,
  notes: [
    ...notes(facts),
    'the start scripts are no configuration: an upgrade of Courier brings them back as they were; --via divert lasts',
  ],
})

const divert = (facts: DracFacts): Plan => ({
  settings: settings(facts),
  parts: wrappers('.courier'),
  commands: [
    CHMOD,
    `dpkg-statoverride --update --add root ${groupOf(facts)} 2755 ${REPORT}`,
    ...SERVED.flatMap(({ wrapper, program }) => [
      `dpkg-divert --local --rename --divert ${program}.courier --add ${program}`,
      `ln -s ${wrapper} ${program}`,
    ]),
  ],
  down: DOWN,
  notes: notes(facts),
})

export const courierImap: MailServer = {
  name: 'courier-imap',
  title: 'Courier IMAP and POP3',
  ways: [
    { name: 'scripts', summary: 'wrapper programs, named in the four start scripts', plan: scripts },
    { name: 'divert', summary: "wrapper programs in the places of Courier's own (Debian)", plan: divert },
  ],
  byHand: 'the start scripts belong to the package; type the commands that are printed without --write',
}
