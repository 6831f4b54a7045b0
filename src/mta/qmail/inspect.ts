// drac check --mta qmail: the rules file that tcpserver reads, and the script that names it.
import { existsSync, readFileSync } from 'node:fs'
import { messageOf } from '../../lib/errors.ts'
import { type Prefix, parsePrefix } from '../../lib/prefix.ts'
import { error, type Finding, ok, warning } from '../check/finding.ts'
import type { Inspection, Known } from '../check/inspection.ts'
import { mapAt, mapFindings } from '../check/map-file.ts'
import type { Places } from '../places.ts'
import { parseTcpRules, type TcpRule } from './cdb-rules.ts'

const SCRIPTS = [
  '/service/qmail-smtpd/run',
  '/etc/service/qmail-smtpd/run',
  '/var/qmail/supervise/qmail-smtpd/run',
  '/etc/qmail/smtpd/run',
]

export function inspectQmail(places: Places, known: Known): Inspection {
  const path = places.file(...SCRIPTS)
  const isRules = path.endsWith('.cdb')
  const script = isRules ? '' : (places.read(path) ?? '')
  if (!isRules && !script) {
    return {
      findings: [error(path, 'there is no such file', 'name the run script, or the rules file (.cdb), with --file')],
      trusted: undefined,
    }
  }
  const named = isRules ? path : /\s-[a-zA-Z]*x\s*["']?([^\s"']+)/.exec(script)?.[1]
  if (named === undefined) {
    return {
      findings: [error(path, 'tcpserver has no -x FILE: nobody relays because of a login', 'drac setup qmail')],
      trusted: [],
    }
  }
  const rules = readRules(isRules ? named : places.below(named))
  if (typeof rules === 'string') {
    const why = `${named}: ${rules}: tcpserver drops every connection`
    return {
      findings: [
        error(path, why, 'let dracd write it: [[map]] with format = "tcprules"'),
        ...mapFindings(path, named, known),
      ],
      trusted: [],
    }
  }
  return {
    findings: [...ruleFindings(rules, named, known), ...keptFindings(path, named, known)],
    trusted: trustedOf(rules),
  }
}

/** The file itself, or the list from which a command makes it. */
function keptFindings(where: string, path: string, known: Known): Finding[] {
  const list = known.facts.maps.find(({ command }) => /tcprules/.test(command))
  return mapFindings(where, list && !mapAt(known.facts, path) ? list.path : path, known)
}

function readRules(path: string): TcpRule[] | string {
  if (!existsSync(path)) return 'there is no such file'
  try {
    return parseTcpRules(readFileSync(path))
  } catch (error) {
    return messageOf(error)
  }
}

const relays = ({ deny, variables }: TcpRule): boolean =>
  !deny && variables.some((each) => each.startsWith('RELAYCLIENT='))

export function ruleFindings(rules: readonly TcpRule[], path: string, { facts }: Known): Finding[] {
  const format = mapAt(facts, path)?.format
  const open = rules.find((rule) => rule.address === '' && relays(rule))
  return [
    ...(open
      ? [
          error(
            path,
            'the rule for everybody sets RELAYCLIENT: OPEN RELAY',
            'its rule is ":allow", without RELAYCLIENT',
          ),
        ]
      : []),
    ...rules
      .filter((rule) => relays(rule) && /^\d+\.$/.test(rule.address) && !/^(10|127)\.$/.test(rule.address))
      .map(({ address }) =>
        warning(path, `the rule "${address}" sets RELAYCLIENT for 16 million addresses`, 'name your own networks only'),
      ),
    ...(format !== undefined && format !== 'tcprules'
      ? [
          error(
            path,
            `dracd writes it as ${format}: tcpserver finds no RELAYCLIENT in it`,
            'format = "tcprules" in its [[map]]',
          ),
        ]
      : [ok(path, `${rules.filter(relays).length} rules set RELAYCLIENT`)]),
  ]
}

function trustedOf(rules: readonly TcpRule[]): Prefix[] {
  return rules.filter(relays).flatMap(({ address }) => {
    const parts = address.split('.').filter((part) => part !== '')
    try {
      return [
        parsePrefix(
          parts.length === 4 ? address : `${[...parts, 0, 0, 0, 0].slice(0, 4).join('.')}/${parts.length * 8}`,
        ),
      ]
    } catch {
      return []
    }
  })
}
