// What can be wrong with the lists in which Postfix decides about relaying, and with mynetworks.
import { error, type Finding, ok, warning } from '../check/finding.ts'
import { type Asking, askFindings } from './ask-rules.ts'
import { asksDrac, isRefusal, type Restriction } from './restrictions.ts'
import { isPort25 } from './smtpd.ts'

const RELAY = 'smtpd_relay_restrictions'
/** Lists in which an OK from drac authorizes no relaying, but ends the list. */
const OTHER_LISTS = ['client', 'helo', 'sender', 'recipient', 'data', 'end_of_data'].map(
  (name) => `smtpd_${name}_restrictions`,
)

type Rules = Omit<Asking, 'where'>

/** @param ours places that are drac's, by which its checks are known beside their name */
export function listFindings(rules: Rules, ours: readonly string[]): Finding[] {
  const where = rules.smtpd.where(RELAY)
  const list = rules.smtpd.restrictions(RELAY)
  const checks = list.filter((each) => asksDrac(each, ours))
  return [
    ...otherLists(rules, ours, checks.length > 0),
    ...dnswl(list, where),
    ...openings(list, where),
    ...(checks.length === 0 ? unasked(rules, ours) : order(list, checks[0]!, where)),
    ...checks.flatMap((check) => askFindings(check, { ...rules, where })),
  ]
}

/** Services with a list of their own (submission) need not ask; the one on port 25 must. */
function unasked({ smtpd }: Rules, ours: readonly string[]): Finding[] {
  const networks = smtpd.value('mynetworks') ?? ''
  if (/drac/i.test(networks) || ours.some((place) => networks.includes(place))) {
    const why =
      'mynetworks asks drac, for every client and before permit_auth_destination: while dracd is down mail to your own users is deferred too (451)'
    return [warning(smtpd.where('mynetworks'), why, `ask in ${RELAY} instead: drac setup postfix`)]
  }
  if (smtpd.service && !isPort25(smtpd.service)) return []
  return [
    warning(smtpd.where(RELAY), `${RELAY} does not ask drac: nobody relays because of a login`, 'drac setup postfix'),
  ]
}

function otherLists({ smtpd }: Rules, ours: readonly string[], asked: boolean): Finding[] {
  return OTHER_LISTS.flatMap((name) =>
    smtpd.restrictions(name).some((each) => asksDrac(each, ours))
      ? [
          warning(
            smtpd.where(name),
            `${name} asks drac: an OK there ends the list, so that later checks (blocklists, sender checks) are passed by${asked ? '' : `, and does not authorize relaying, which ${RELAY} decides`}`,
            `ask in ${RELAY} instead: drac setup postfix`,
          ),
        ]
      : [],
  )
}

function dnswl(list: readonly Restriction[], where: string): Finding[] {
  return list
    .filter(({ verb }) => verb === 'permit_dnswl_client' || verb === 'permit_rhswl_client')
    .map(({ text, verb }) =>
      warning(
        where,
        `"${text}" authorizes nobody: Postfix ignores ${verb} before reject_unauth_destination`,
        'ask dracd by socketmap or policy: drac setup postfix',
      ),
    )
}

/** Whoever comes to a bare "permit" before any refusal relays; a list without refusal is one. */
function openings(list: readonly Restriction[], where: string): Finding[] {
  const refusal = list.findIndex(isRefusal)
  const permit = list.findIndex(({ verb }) => verb === 'permit')
  const ends = permit >= 0 && (refusal < 0 || permit < refusal)
  return [
    ...(ends
      ? [
          error(
            where,
            `"permit" stands in ${RELAY} before any refusal: OPEN RELAY, unless smtpd refuses to run because no other list refuses anybody`,
            'take it out',
          ),
        ]
      : []),
    ...(refusal < 0 && !ends && list.length > 0
      ? [
          error(
            where,
            `${RELAY} has no refusal: whoever comes to its end relays, or smtpd refuses to run`,
            'end it with reject_unauth_destination',
          ),
        ]
      : []),
  ]
}

function order(list: readonly Restriction[], check: Restriction, where: string): Finding[] {
  const at = list.indexOf(check)
  const local = list.findIndex(({ verb }) => verb === 'permit_auth_destination')
  const refusal = list.findIndex(isRefusal)
  if (refusal >= 0 && refusal < at) {
    const cure = `put "${check.text}" before ${list[refusal]!.verb}`
    return [
      warning(
        where,
        `${list[refusal]!.verb} stands before drac's check, which is never asked about a would-be relay`,
        cure,
      ),
    ]
  }
  if (local < 0 || local > at) {
    return [
      warning(
        where,
        'drac is asked before permit_auth_destination: while dracd is down mail to your own users is deferred too (451)',
        `put permit_auth_destination before "${check.text}"`,
      ),
    ]
  }
  return [ok(where, `${RELAY} asks drac: ${check.text}`)]
}
