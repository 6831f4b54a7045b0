// man/dracd.toml.5: what every setting means.
import { type DescribedSetting, type DescribedTable, MANUAL, toml } from '../settings/describe.ts'
import { display, head, prose, roff, tagged } from './roff.ts'

export function settingsPage(version: string): string {
  const [top, ...tables] = MANUAL
  return `${[
    head('dracd.toml', 5, version, 'src/daemon/settings/table.ts'),
    INTRODUCTION,
    '.SH SETTINGS ABOVE THE FIRST TABLE',
    ...top!.settings.map(setting),
    '.SH TABLES',
    ...tables.map(table),
    END,
  ].join('\n')}\n`
}

const table = ({ header, several, about, settings }: DescribedTable): string =>
  [`.SS ${roff(header)}`, prose(several ? `${about} A file may hold several.` : about), ...settings.map(setting)].join(
    '\n',
  )

function setting(described: DescribedSetting): string {
  const { key, row, words, limits, default: value } = described
  const facts = [
    `${words[0]!.toUpperCase()}${words.slice(1)}${limits === undefined ? '' : `, ${limits}`}.`,
    value === undefined ? 'Required.' : `Default: ${toml(value)}.`,
    ...(row.example === undefined ? [] : [`Such as ${toml(row.example)}.`]),
    row.reload ? 'A reload takes a new value.' : 'A new value needs a restart.',
  ]
  return tagged(key, `${prose(row.help)}\n.br\n${facts.map(roff).join('\n')}`)
}

const INTRODUCTION = `.SH NAME
dracd.toml \\- settings of dracd
.SH SYNOPSIS
.I /etc/drac/dracd.toml
.SH DESCRIPTION
The settings of
.BR dracd (8)
are one file in TOML.
It may be missing: then every default holds, which is safe, since only this host may report logins and ask.
.B \\-\\-config
names another file, and
.BI \\-\\-set\\~ name\\fB=\\fPvalue
sets one setting over the file, with the table before the name:
${display(['lifetime = "1h"', '', '[socketmap]', 'listen = ["tcp:127.0.0.1:9899"]', '', 'dracd --set lifetime=1h --set \'socketmap.listen=["tcp:127.0.0.1:9899"]\''])}
.PP
A setting that there is not, a value that cannot be, and a privileged mistake, such as trusting the whole Internet,
refuse to start, with one line that names file, line, setting and cure.
.B dracd \\-\\-check
says it without starting.
.B drac config
shows every setting with its value and where it comes from.
.PP
On SIGHUP the file is read again.
When there is anything wrong with it, nothing changes.
Settings that need a restart are named in the log when they differ from what dracd was started with.
.SS Values
.TP
.B a duration
A text with the units s, m, h, d and w, as in "30m" or "1h30m"; or a number, which is seconds.
.TP
.B an endpoint
.BI unix: PATH\\fR,
.BI tcp: ADDRESS : PORT
or
.BI udp: ADDRESS : PORT\\fR.
An IPv6 address stands in brackets.
Port 0 is chosen by the system; the log line "ready" tells which it is.
.TP
.B an address or a network
192.0.2.25, 2001:db8::5, 192.0.2.0/24, 2001:db8::/32.
Bits after the width must be zero.
Names are not looked up.
.TP
.B a list
["one", "two"]; or one text with commas, "one, two".
.PP
Paths of other users than root and drac: where a default is below
.I /var/lib/drac
or
.IR /run/drac ,
a dracd of another user takes
.I $XDG_STATE_HOME/drac
or
.I \\(ti/.local/state/drac
instead.`

/** Read by a test. */
export const EXAMPLE = `# Postfix looks up over TCP; two POP servers report over RPC.
lifetime = "20m"
ipv6_prefix = 64
trusted_clients = ["127.0.0.1", "::1", "192.0.2.8", "192.0.2.9"]
exempt_networks = ["198.51.100.0/24"]

[drac_rpc]
listen = ["udp:192.0.2.1:0", "tcp:192.0.2.1:0"]

[policy]
listen = ["tcp:127.0.0.1:9898"]
recipients_per_hour = 100

[[map]]
path = "/etc/mail/dracd.db"

[[map]]
path = "/etc/postfix/drac.txt"
format = "text"
value = "OK"
command = "postmap lmdb:/etc/postfix/drac.txt"
`

const END = `.SH EXAMPLES
${display(EXAMPLE.trimEnd().split('\n')).replace('.PP\n', '')}
.SH FILES
.I /etc/drac/dracd.toml
.br
.I /etc/drac/dracd.allow
.SH SEE ALSO
.BR drac (1),
.BR dracd.allow (5),
.BR dracd (8)`
