// Courier IMAP and POP3: programs in place of the ones that serve a session, which report it while it lasts.
import type { MailServer, Part, Plan } from '../plan.ts'
import { snippet } from '../snippet.ts'

const SERVED = [
  { wrapper: '/usr/local/bin/drac-imapd', program: '/usr/bin/imapd', scripts: 'imapd' },
  { wrapper: '/usr/local/bin/drac-pop3d', program: '/usr/lib/courier/courier/courierpop3d', scripts: 'pop3d' },
] as const
const CHMOD = `chmod 755 ${SERVED.map(({ wrapper }) => wrapper).join(' ')}`

const DOWN = 'logins go on as ever, and wait for nothing; dracd hears of sessions that are still open when it is back'
const NOTES = [
  'the session runs as the mail user: it reports over RPC to localhost, or to DRACHOST in /etc/courier/imapd and /etc/courier/pop3d, unless drac-report may use the control socket; only then does "drac revoke" hold while the client stays connected (integrations/courier-imap)',
  'every 600 s while the session lasts: less than half of lifetime, or set DRAC_RENEW=SECONDS in the same files',
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

const scripts = (): Plan => ({
  settings: [],
  parts: wrappers(),
  commands: [CHMOD, ...SERVED.map(edit), 'systemctl restart courier-imap courier-imap-ssl courier-pop courier-pop-ssl'],
  down: DOWN,
  notes: [
    ...NOTES,
    'the start scripts are no configuration: an upgrade of Courier brings them back as they were; --via divert lasts',
  ],
})

const divert = (): Plan => ({
  settings: [],
  parts: wrappers('.courier'),
  commands: [
    CHMOD,
    ...SERVED.flatMap(({ wrapper, program }) => [
      `dpkg-divert --local --rename --divert ${program}.courier --add ${program}`,
      `ln -s ${wrapper} ${program}`,
    ]),
  ],
  down: DOWN,
  notes: NOTES,
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
