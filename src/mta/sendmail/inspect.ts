// drac check --mta sendmail: what the .cf that sendmail reads says, not the .mc that it may have come from.
import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { parsePrefix } from '../../lib/prefix.ts'
import { type Endpoint, parseEndpoint } from '../../net/endpoint.ts'
import { endpointFindings } from '../check/endpoint.ts'
import { error, type Finding, ok, warning } from '../check/finding.ts'
import type { Inspection, Known } from '../check/inspection.ts'
import { mapAt, mapFindings } from '../check/map-file.ts'
import type { Places } from '../places.ts'
import { type KLine, parseSendmailCf, type Rule, type Ruleset, type SendmailCf } from './cf-file.ts'

/** What the stock rules relay for; the access map may name more. */
const TRUSTED = ['127.0.0.1', '::1'].map(parsePrefix)

export function inspectSendmail(places: Places, known: Known): Inspection {
  const path = places.file('/etc/mail/sendmail.cf')
  const text = places.read(path)
  if (text === undefined) {
    return { findings: [error(path, 'there is no such file', 'name sendmail.cf with --file')], trusted: undefined }
  }
  const mc = path.replace(/\.cf$/, '.mc')
  const findings = [...cfFindings(text, path, places, known), ...mcFindings(places.read(mc) ?? '', mc)]
  return { findings, trusted: TRUSTED }
}

export function cfFindings(text: string, path: string, places: Places, known: Known): Finding[] {
  const cf = parseSendmailCf(text)
  const maps = cf.maps.filter((map) => isOurs(map))
  return [
    ...cf.rulesets.flatMap(({ name, rules }) => tabless(name, rules, path)),
    ...(maps.length === 0
      ? [warning(path, 'sendmail does not ask drac: nobody relays because of a login', 'drac setup sendmail')]
      : []),
    ...maps.flatMap((map) => [...useFindings(map, cf, path, known), ...placeFindings(map, path, places, known)]),
  ]
}

const isOurs = ({ name, argument }: KLine): boolean => name === 'drac' || /drac/i.test(argument)

/** Blanks instead of tabs: sendmail takes the whole line for the left side, and the rule does nothing. */
const tabless = (ruleset: string, rules: readonly Rule[], path: string): Finding[] =>
  rules
    .filter(({ rhs, lhs }) => rhs === '' && lhs.includes(' '))
    .map(({ line }) =>
      error(
        `${path}:${line}`,
        `a rule of ${ruleset} has no tab between left and right side`,
        'copy the rules from the file that drac setup names, not from a screen',
      ),
    )

function useFindings(map: KLine, cf: SendmailCf, path: string, { facts }: Known): Finding[] {
  const where = `${path}:${map.line}`
  const uses = cf.rulesets.flatMap((ruleset) => askingRules(ruleset, map).map((at) => ({ ruleset, at })))
  if (uses.length === 0) return [warning(where, `the map "${map.name}" is asked by no rule`, 'drac setup sendmail')]
  const [temporary] = map.flags.flatMap((flag) => (flag.startsWith('-T') ? [flag.slice(2)] : []))
  const open =
    temporary === undefined
      ? []
      : uses.flatMap(({ ruleset, at }) => permitsAnything(ruleset.rules.slice(at + 1), temporary))
  const value = mapAt(facts, `${map.argument}.db`)?.value
  const exact = uses.some(({ ruleset, at }) => permits(ruleset.rules.slice(at + 1)).every(({ lhs }) => lhs === 'OK'))
  return [
    ...open
      .slice(0, 1)
      .map((rule) =>
        error(
          where,
          `-T${temporary} with the rule of line ${rule.line}, which takes any answer for a permit: OPEN RELAY whenever the map cannot be asked`,
          `take -T${temporary} out of this line, or better use the rules of "drac setup sendmail"`,
        ),
      ),
    ...(open.length === 0 ? [ok(where, `sendmail asks drac: ${map.mapClass} ${map.argument}`)] : []),
    ...(map.mapClass === 'btree' && exact && value !== undefined && value !== 'OK'
      ? [
          error(
            where,
            `the rules want the value "OK", the map holds "${value}": nobody can be authorized`,
            'drac setup sendmail --via file',
          ),
        ]
      : []),
    ...(map.mapClass === 'socket' && temporary === undefined
      ? [
          warning(
            where,
            'no -T: while dracd is down clients that have logged in are refused for good (550)',
            'the rules of "drac setup sendmail", with their K line; never -T alone',
          ),
        ]
      : []),
    ...(map.mapClass === 'socket' && !map.flags.some((flag) => flag.startsWith('-d'))
      ? [warning(where, 'no -d: while dracd hangs sendmail waits without end', `K${map.name} socket -d5s ...`)]
      : []),
  ]
}

const askingRules = ({ rules }: Ruleset, { name }: KLine): number[] =>
  rules.flatMap(({ rhs }, i) => (rhs.includes(`$(${name} `) ? [i] : []))

const permits = (rules: readonly Rule[]): Rule[] => rules.filter(({ rhs }) => /^\$@\s*(\$#\s*OK|RELAY)\b/.test(rhs))

/** The permits that "cannot tell" comes to, because no rule before them catches it. */
function permitsAnything(rules: readonly Rule[], temporary: string): Rule[] {
  const caught = rules.findIndex(({ lhs, rhs }) => lhs.includes(temporary) && !/^\$@\s*(\$#\s*OK|RELAY)\b/.test(rhs))
  const before = caught < 0 ? rules : rules.slice(0, caught)
  return permits(before).filter(({ lhs }) => /\$[+*-]/.test(lhs))
}

function placeFindings(map: KLine, path: string, places: Places, known: Known): Finding[] {
  const where = `${path}:${map.line}`
  if (map.mapClass === 'socket') {
    const asked = endpointOf(map.argument)
    return asked ? endpointFindings(where, known.facts, 'socketmap', asked) : []
  }
  if (map.mapClass !== 'btree' && map.mapClass !== 'hash') return []
  const file = map.argument.endsWith('.db') ? map.argument : `${map.argument}.db`
  return [...mapFindings(where, file, known), ...directoryFindings(where, dirname(places.below(file)))]
}

/** `unix:PATH`, `inet:PORT@HOST`. */
function endpointOf(argument: string): Endpoint | undefined {
  const inet = /^inet6?:(\d+)@(\S+)$/.exec(argument)
  const [, port, host = ''] = inet ?? []
  const literal = host.includes(':') ? `[${host}]` : host.replace(/^localhost$/, '127.0.0.1')
  try {
    return parseEndpoint(inet ? `tcp:${literal}:${port}` : argument)
  } catch {
    return undefined // a host's name: not to be compared
  }
}

function directoryFindings(where: string, directory: string): Finding[] {
  const mode = statSync(directory, { throwIfNoEntry: false })?.mode
  if (mode === undefined || (mode & 0o022) === 0) return []
  return [
    error(
      where,
      `${directory} is writable for group or others: sendmail refuses the map ("unsafe map file")`,
      `chmod go-w ${directory}`,
    ),
  ]
}

/** Features that relay for strangers by themselves. */
function mcFindings(mc: string, path: string): Finding[] {
  return mc.split('\n').flatMap((text, i) => {
    const found = /^(?!dnl).*FEATURE\(\s*`?(promiscuous_relay|relay_local_from|loose_relay_check)'?/.exec(text)?.[1]
    if (found === undefined) return []
    const level = found === 'promiscuous_relay' ? error : warning
    return [
      level(
        `${path}:${i + 1}`,
        `FEATURE(${found}) relays for strangers${found === 'promiscuous_relay' ? ': OPEN RELAY' : ''}`,
        'take the line out and build sendmail.cf anew',
      ),
    ]
  })
}
