// Shell completion for drac, made from its commands: nothing is run when somebody presses the tabulator key.
import type { DescribedCommand, DescribedOption, Offer } from './commands.ts'

const MADE = '# Made from src/bin/drac/*.ts by "npm run generate": DO NOT EDIT.'

/** First words, each with what it is for; a group, such as `logs`, has none of its own. */
function firstWords(commands: readonly DescribedCommand[]): [string, string][] {
  const words = commands.map(({ name, description }): [string, string] => {
    const [first, second] = name.split(' ')
    return [first!, second === undefined ? description : `${second}: ${description}`]
  })
  return [...new Map(words)]
}
const under = (commands: readonly DescribedCommand[], word: string): readonly DescribedCommand[] =>
  commands.filter(({ name }) => name === word || name.startsWith(`${word} `))
/** What may come after the first word: the second words of a group, or what the argument offers. */
const offersOf = (commands: readonly DescribedCommand[]): Offer =>
  isGroup(commands)
    ? commands.map(({ name }) => name.split(' ')[1]!)
    : commands[0]!.arguments.find(({ offers }) => offers)?.offers
const isGroup = (commands: readonly DescribedCommand[]): boolean => commands[0]!.name.includes(' ')
/** Whether the commands of a group take files, which come after the second word. */
const filesLater = (commands: readonly DescribedCommand[]): boolean =>
  isGroup(commands) && commands.some((each) => each.arguments.some(({ offers }) => offers === 'file'))
const optionsOf = (commands: readonly DescribedCommand[]): readonly DescribedOption[] => [
  ...new Map(commands.flatMap(({ options }) => options.map((option) => [option.long, option]))).values(),
]

/** For bash-completion, as /usr/share/bash-completion/completions/drac. */
export function bashCompletion(commands: readonly DescribedCommand[]): string {
  const words = firstWords(commands).map(([word]) => word)
  const cases = words.map((word) => {
    const those = under(commands, word)
    const offers = offersOf(those)
    return `    ${word}) options=${quoted(optionsOf(those).map(({ long }) => long))} words=${quoted(offers === 'file' ? [] : (offers ?? []))} files=${offers === 'file' ? '1' : filesLater(those) ? '$((COMP_CWORD > 2))' : '0'} ;;`
  })
  const values = optionsOf(commands).filter(({ takesValue }) => takesValue)
  const pattern = (those: readonly DescribedOption[]): string => those.map(({ long }) => long).join(' | ')
  const files = values.filter(({ offers }) => offers === 'file')
  const named = values.filter(({ offers }) => Array.isArray(offers))
  const free = values.filter(({ offers }) => offers === undefined)
  return `${MADE}
_drac() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} options words files=0
  COMPREPLY=()
  case $prev in
    ${pattern(files)}) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
${named.map(({ long, offers }) => `    ${long}) mapfile -t COMPREPLY < <(compgen -W ${quoted(offers as string[])} -- "$cur"); return ;;\n`).join('')}    ${pattern(free)}) return ;;
  esac
  case \${COMP_CWORD}:\${COMP_WORDS[1]} in
    1:*) words=${quoted(words)} options=--version ;;
${cases.map((line) => line.replace(/^ {4}/, '    *:')).join('\n')}
  esac
  if [[ $cur == -* ]]; then mapfile -t COMPREPLY < <(compgen -W "$options --help" -- "$cur")
  elif [[ $files == 1 ]]; then mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  else mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur"); fi
}
complete -F _drac drac
`
}
/** A word in a line, so that two changes of the list do not meet. */
const quoted = (words: readonly string[]): string =>
  words.length > 1 ? `'\n${words.join('\n')}\n'` : `'${words.join('')}'`

/** For zsh, as _drac in a folder of $fpath. */
export function zshCompletion(commands: readonly DescribedCommand[]): string {
  const first = firstWords(commands).map(([word, text]) => `    ${zsh(`${word}:${text}`)}`)
  const cases = firstWords(commands).map(([word]) => {
    const those = under(commands, word)
    const options = optionsOf(those).map((option) =>
      zsh(
        `${option.long}[${option.description.replaceAll(/[[\]:]/g, '\\$&')}]${option.takesValue ? `:value:${zshOffer(option.offers)}` : ''}`,
      ),
    )
    return `    ${word}) _arguments '--help' ${[...options, ...zshArguments(those)].join(' \\\n      ')} ;;`
  })
  return `#compdef drac
${MADE}
_drac() {
  local -a commands=(
${first.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
${cases.join('\n')}
  esac
}
_drac "$@"
`
}
const zshArguments = (those: readonly DescribedCommand[]): string[] =>
  filesLater(those)
    ? [zsh(`1:command:${zshOffer(offersOf(those))}`), zsh('*:file:_files')]
    : [zsh(`*:argument:${zshOffer(offersOf(those))}`)]
const zsh = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
const zshOffer = (offers: Offer): string => (offers === 'file' ? '_files' : offers ? `(\n${offers.join('\n')}\n)` : ' ')

/** For fish, as completions/drac.fish. */
export function fishCompletion(commands: readonly DescribedCommand[]): string {
  const lines = firstWords(commands).flatMap(([word, text]) => {
    const those = under(commands, word)
    const offers = offersOf(those)
    const seen = `complete -c drac -n '__fish_seen_subcommand_from ${word}'`
    return [
      `complete -c drac -f -n __fish_use_subcommand -a ${word} -d ${fish(text)}`,
      ...(offers === undefined ? [] : [`${seen} ${fishOffer(offers)}`]),
      ...(filesLater(those) ? [`${seen} -F`] : []),
      ...optionsOf(those).map(
        ({ long, description, takesValue, offers: values }) =>
          `${seen} -l ${long.slice(2)} -d ${fish(description)}${takesValue ? ` -r ${fishOffer(values)}` : ''}`,
      ),
    ]
  })
  return `${MADE}
complete -c drac -f
${lines.map((line) => line.trimEnd()).join('\n')}
`
}
const fish = (text: string): string => `'${text.replaceAll(/['\\]/g, '\\$&')}'`
const fishOffer = (offers: Offer): string =>
  offers === 'file' ? '-F' : offers ? `-f -a ${fish(`\n${offers.join('\n')}\n`)}` : '-f'
