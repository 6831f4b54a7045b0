// man/drac.1: every command and option, as commander knows them.
import { argument, display, head, prose, roff, tagged } from '../../daemon/manual/roff.ts'
import type { DescribedCommand, DescribedOption } from './commands.ts'

export function dracPage(commands: readonly DescribedCommand[], version: string): string {
  return `${[
    head('drac', 1, version, 'src/bin/drac/*.ts'),
    INTRODUCTION,
    '.SH COMMANDS',
    'Every command has\n.BR \\-\\-help ,\ntoo.',
    ...commands.map(command),
    END,
  ].join('\n')}\n`
}

const command = ({ name, usage, description, arguments: args, options }: DescribedCommand): string =>
  [
    `.SS ${argument(`drac ${name} ${usage}`)}`,
    `${prose(capital(description))}.`,
    ...args
      .filter((each) => each.description !== '')
      .map((each) => tagged(`<${each.name}>`, `${prose(capital(each.description))}.`)),
    ...options.map(option),
  ].join('\n')

function option({ flags, description, default: value }: DescribedOption): string {
  const fallback = value === undefined ? '' : `\nDefault: ${roff(value)}.`
  return tagged(flags, `${prose(capital(description))}.${fallback}`)
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const INTRODUCTION = `.SH NAME
drac \\- who may relay, and why
.SH SYNOPSIS
.B drac
.I command
.RI [ option ...]
.RI [ argument ...]
.br
.B drac
.RI [ command ]
.B \\-\\-help
.br
.B drac \\-\\-version
.SH DESCRIPTION
.B drac
asks and steers a running
.BR dracd (8)
over its control socket, reports logins as a POP or IMAP server does, writes and checks the configuration of mail
servers, and shows the settings.
.PP
The socket is the one that
.B \\-\\-control
or the environment names, else that of the settings file, else
.IR /run/drac/control.sock ,
else that of a dracd that this user started.
Whoever may open it may authorize: by default root and the user of dracd.
.PP
With
.BR \\-\\-json ,
what is printed is one JSON document.
Durations are written as in "2h" or "1h30m".`

const END = `.SH EXIT STATUS
${[
  tagged('0', 'Done.'),
  tagged('1', 'Refused, or not found, or a check found something.'),
  tagged('64', 'Wrong usage.'),
  tagged('69', 'No daemon could be reached.'),
  tagged('70', 'A mistake in this program.'),
  tagged('75', 'Trouble of the moment: try again.'),
  tagged('78', 'A mistake in the settings.'),
].join('\n')}
.SH ENVIRONMENT
${tagged('DRAC_CONTROL', 'The control socket, as \\-\\-control takes it.')}
${tagged('DRACHOST', 'The hosts that \\fBdrac auth\\fP tells when none is named; set and empty: none.')}
.SH FILES
.I /etc/drac/dracd.toml
.br
.I /etc/mail/dracd.host
.br
.I /run/drac/control.sock
.SH EXAMPLES
May this address relay, and why?
${display(['drac show 192.0.2.25'])}
.PP
Let a scanner relay for two hours:
${display(['drac permit 192.0.2.25 --for 2h --note "the scanner of room 12"'])}
.PP
Everything that a stolen account opened:
${display(['drac revoke --user alice'])}
.SH SEE ALSO
.BR drac\\-report (8),
.BR dracd.toml (5),
.BR dracd (8)`
