// What can be wrong with one check that asks drac.
import type { Endpoint } from '../../net/endpoint.ts'
import { endpointFindings } from '../check/endpoint.ts'
import { error, type Finding, warning } from '../check/finding.ts'
import type { Known } from '../check/inspection.ts'
import { mapFindings } from '../check/map-file.ts'
import type { Places } from '../places.ts'
import { askedBy, type PolicyService, type Table } from './asked.ts'
import type { Restriction } from './restrictions.ts'
import type { Smtpd } from './smtpd.ts'

export interface Asking extends Known {
  readonly smtpd: Smtpd
  readonly places: Places
  /** `FILE:LINE`. */
  readonly where: string
}

export function askFindings(check: Restriction, asking: Asking): Finding[] {
  const asked = askedBy(check)
  return asked.kind === 'policy' ? policyFindings(asked, asking) : tableFindings(asked, check, asking)
}

function policyFindings(asked: PolicyService, asking: Asking): Finding[] {
  const { smtpd, where } = asking
  const action = asked.attributes.get('default_action') ?? smtpd.value('smtpd_policy_service_default_action') ?? ''
  const timeout = asked.attributes.get('timeout') ?? smtpd.value('smtpd_policy_service_timeout') ?? ''
  const bounded = asked.attributes.has('timeout') || smtpd.isSet('smtpd_policy_service_timeout')
  const spoken = asked.attributes.has('default_action') || smtpd.isSet('smtpd_policy_service_default_action')
  return [
    ...asked.stray.map((word) =>
      error(
        where,
        `"${word}" is not NAME=VALUE: smtpd does not start ("malformed option") and mail is not taken`,
        'put a value with blanks into braces of its own: { default_action=451 4.3.0 text }',
      ),
    ),
    ...(/^(ok|permit|permit_\w+|relay|\d+)$/i.test(action.trim()) &&
    !/^[45]\d\d\b/.test(action) &&
    !/^permit_auth_destination$/i.test(action.trim())
      ? [
          error(
            where,
            `default_action=${action}: OPEN RELAY whenever dracd cannot be asked`,
            'default_action=451 4.3.0 Relay authorization temporarily unavailable',
          ),
        ]
      : []),
    ...(/^(dunno|reject\b|5\d\d\b|defer_if_permit\b)/i.test(action.trim())
      ? [
          warning(
            where,
            `default_action=${action}: while dracd is down clients that have logged in are refused for good`,
            'default_action=451 4.3.0 Relay authorization temporarily unavailable',
          ),
        ]
      : []),
    ...(bounded
      ? []
      : [
          warning(
            where,
            `no timeout: while dracd hangs each recipient waits for ${timeout}`,
            'check_policy_service { inet:HOST:PORT, timeout=3s, try_limit=2, ... }',
          ),
        ]),
    ...(spoken
      ? []
      : [
          warning(
            where,
            `no default_action: while dracd is down clients read "${action}"`,
            'add { default_action=451 4.3.0 Relay authorization temporarily unavailable }',
          ),
        ]),
    ...placeFindings('policy', asked, asking),
  ]
}

/** Types that an smtpd reads again by itself when the file was replaced. */
const REREAD: Readonly<Record<string, string>> = { btree: '.db', hash: '.db', cdb: '.cdb', lmdb: '.lmdb' }

function tableFindings(asked: Table, check: Restriction, asking: Asking): Finding[] {
  const { where, smtpd } = asking
  if (asked.type === 'socketmap') return placeFindings('socketmap', asked, asking)
  if (asked.type === 'tcp') return placeFindings('tcp_table', asked, asking)
  if (asked.type === 'sqlite') return sqliteFindings(asked, asking)
  if (asked.type in REREAD) {
    return [
      ...(asked.proxied
        ? [
            warning(
              where,
              `${check.argument}: proxymap sees the first replacement of the file and no later one`,
              `without "proxy:": ${asked.type}:${asked.name}`,
            ),
          ]
        : []),
      ...mapFindings(where, `${asked.name}${REREAD[asked.type]}`, asking),
    ]
  }
  if (asked.type === 'cidr' || asked.type === 'texthash') {
    return [
      warning(
        where,
        `${check.argument}: smtpd does not see a changed ${asked.type} file until "postfix reload"`,
        `command = "postfix reload" in its [[map]], or better btree, or ask live`,
      ),
      ...mapFindings(where, asked.name, asking),
    ]
  }
  const known = smtpd.value('default_database_type')
  return [
    warning(
      where,
      `${check.argument}: dracd does not keep ${asked.type || known || 'such'} maps`,
      'drac setup postfix',
    ),
  ]
}

function placeFindings(
  name: 'socketmap' | 'policy' | 'tcp_table',
  asked: PolicyService | Table,
  asking: Asking,
): Finding[] {
  const { where, facts, smtpd } = asking
  if (asked.unixPath === undefined) {
    return asked.endpoint === undefined ? [] : endpointFindings(where, facts, name, asked.endpoint)
  }
  const queue = smtpd.value('queue_directory')!
  const absolute = asked.unixPath.startsWith('/')
  if (absolute && smtpd.chrooted && !('proxied' in asked && asked.proxied)) {
    return [
      error(
        where,
        `unix:${asked.unixPath} is looked for below ${queue}, because smtpd is chrooted: it cannot reach dracd`,
        `ask over TCP, or [${name}] listen = ["unix:${queue}/drac/${name}.sock"] and unix:drac/${name}.sock here`,
      ),
    ]
  }
  const endpoint: Endpoint = { transport: 'unix', path: absolute ? asked.unixPath : `${queue}/${asked.unixPath}` }
  return endpointFindings(where, facts, name, endpoint)
}

function sqliteFindings(asked: Table, { where, facts, smtpd, places }: Asking): Finding[] {
  const path = places.below(asked.name)
  const text = places.read(path)
  if (text === undefined)
    return [error(where, `there is no ${path}: mail is deferred (451)`, 'drac setup postfix --via sqlite')]
  const dbpath = /^\s*dbpath\s*=\s*(\S+)/m.exec(text)?.[1]
  return [
    ...(dbpath === facts.store
      ? []
      : [
          error(
            path,
            `dbpath is ${dbpath ?? 'not set'}, dracd's database is ${facts.store}`,
            `dbpath = ${facts.store}`,
          ),
        ]),
    ...(/expiry\s*>|<=?\s*expiry/i.test(text)
      ? []
      : [
          error(
            path,
            'the query does not compare the expiry: a login permits for ever',
            'drac setup postfix --via sqlite',
          ),
        ]),
    ...(smtpd.chrooted && !asked.proxied
      ? [error(where, `a chrooted smtpd cannot read ${facts.store}`, `check_client_access proxy:sqlite:${asked.name}`)]
      : []),
  ]
}
