// conf/dracd.toml.sample: every setting at its default, with its help.
import { type DescribedSetting, type DescribedTable, MANUAL, shownValue, toml } from '../settings/describe.ts'
import { wrap } from './wrap.ts'

const HEAD = `# dracd.toml: the settings of dracd. As /etc/drac/dracd.toml it is yours to change.
# (In the source tree it is made from src/daemon/settings/table.ts by "npm run generate": DO NOT EDIT it there.)
#
# A line that begins with "# " is text. A line that begins with "#" and a name is a setting at its default: take the
# "#" away and change it, and take it away from the [table] above it. dracd.toml(5) is the manual.
#
#   dracd --check           says what is wrong in this file
#   drac config             shows what is in force, and where it comes from
#   systemctl reload dracd  takes new values where "Reload." stands; the others need a restart
`

const WIDTH = 110

export function sampleFile(): string {
  return [HEAD, ...MANUAL.map(table)].join('\n')
}

/** The header is a comment too: "drac setup" says what to add at the end, and no table may be there twice. */
function table({ header, about, settings }: DescribedTable): string {
  const head = header === '' ? [] : ['', ...wrap(`# ${about}`, WIDTH), `#${header}`, '']
  return `${[...head, settings.map(paragraph).join('\n\n')].join('\n')}\n`
}

function paragraph(setting: DescribedSetting): string {
  const { key, row } = setting
  const example =
    row.example === undefined || row.required || row.typical ? [] : [`# Such as: ${key} = ${toml(row.example)}`]
  return [
    ...comment(row.help),
    ...comment(factsOf(setting)),
    ...example,
    `#${key} = ${toml(shownValue(setting))}`,
  ].join('\n')
}

const comment = (text: string): string[] => wrap(text, WIDTH - 2).map((line) => `# ${line}`)

/** `A whole number, 1 to 100. Reload.` */
function factsOf({ words, limits, row }: DescribedSetting): string {
  const kind = `${words[0]!.toUpperCase()}${words.slice(1)}${limits === undefined ? '' : `, ${limits}`}.`
  return `${kind}${row.required ? ' Required.' : ''}${row.reload ? ' Reload.' : ''}`
}
