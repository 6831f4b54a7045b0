// Completion for drac in bash, zsh and fish, made from the commands and options that drac itself has.
import { dracCommand } from '../../src/bin/drac.ts'

const quoted = (text) => `'${text.replace(/'/g, `'\\''`)}'`

/** { name, about, options: [{ long, about, value }] } of every command. */
function commands() {
  return dracCommand().commands.map((command) => ({
    name: command.name(),
    about: command.description(),
    options: [...command.options.filter(({ long }) => long), { long: '--help', description: 'say how' }].map(
      (option) => ({
        long: option.long,
        about: option.description,
        value: option.required === true,
      }),
    ),
  }))
}

export function bashCompletion() {
  const cases = commands().map(
    ({ name, options }) => `    ${name}) words='${options.map(({ long }) => long).join(' ')}' ;;`,
  )
  const names = commands().map(({ name }) => name)
  return `# bash completion for drac(1)
_drac() {
  local words='${names.join(' ')} --help --version'
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
  esac
  [ "$COMP_CWORD" -gt 1 ] || words='${names.join(' ')} --help --version'
  case $3 in
    --config | --file | --host-file | --token-file) mapfile -t COMPREPLY < <(compgen -f -- "$2") ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$2") ;;
  esac
}
complete -F _drac drac
`
}

export function zshCompletion() {
  const bracket = (text) => text.replace(/[[\]:]/g, ' ')
  const cases = commands().map(({ name, options }) => {
    const specs = options.map(({ long, about, value }) =>
      quoted(`${long}${value ? '=' : ''}[${bracket(about)}]${value ? ':value:_files' : ''}`),
    )
    return `    ${name}) _arguments ${specs.join(' ')} '*:argument:' ;;`
  })
  const described = commands().map(({ name, about }) => `    ${quoted(`${name}:${about}`)}`)
  return `#compdef drac
local -a commands
commands=(
${described.join('\n')}
)
if ((CURRENT == 2)); then
  _describe command commands
else
  shift words
  ((CURRENT--))
  case $words[1] in
${cases.join('\n')}
  esac
fi
`
}

export function fishCompletion() {
  const lines = commands().flatMap(({ name, about, options }) => [
    `complete -c drac -n __fish_use_subcommand -f -a ${name} -d ${quoted(about)}`,
    ...options.map(
      ({ long, about: text, value }) =>
        `complete -c drac -n ${quoted(`__fish_seen_subcommand_from ${name}`)} -l ${long.slice(2)}${value ? ' -r' : ''} -d ${quoted(text)}`,
    ),
  ])
  return `# fish completion for drac(1)\n${lines.join('\n')}\n`
}
