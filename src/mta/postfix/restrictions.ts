// A list of smtpd restrictions: what Postfix would do first, second ...

export interface Restriction {
  /** As written: `check_client_access btree:/etc/mail/dracd`. */
  readonly text: string
  readonly verb: string
  /** What a check asks: `btree:/etc/mail/dracd`, `{ inet:127.0.0.1:9898, timeout=3s }`; empty when it asks nothing. */
  readonly argument: string
}

/** Restrictions whose next word belongs to them, postconf(5). */
const TAKES_ARGUMENT =
  /^(check_(client|sasl|ccert|helo|sender|recipient|reverse_client_hostname|etrn)_\w*access|check_policy_service|(reject|permit)_(rbl|rhsbl|dnswl|rhswl)\w*|sleep)$/

/** Throws nothing: what is no restriction comes out as one that nobody knows. */
export function parseRestrictions(value: string): Restriction[] {
  const list: Restriction[] = []
  const rest = tokens(value)
  for (let i = 0; i < rest.length; i++) {
    const verb = rest[i]!
    const argument = TAKES_ARGUMENT.test(verb) || isTable(rest[i + 1]) ? (rest[++i] ?? '') : ''
    list.push({ text: argument === '' ? verb : `${verb} ${argument}`, verb, argument })
  }
  return list
}

const isTable = (token: string | undefined): boolean => token !== undefined && /^(\{|\w+:)/.test(token)

/** Words between commas and white space; a `{ ... }` with all that is in it is one. */
export function tokens(value: string): string[] {
  const found: string[] = []
  let word = ''
  let depth = 0
  for (const character of value) {
    if (depth === 0 && /[\s,]/.test(character)) {
      if (word !== '') found.push(word)
      word = ''
      continue
    }
    if (character === '{') depth++
    else if (character === '}') depth = Math.max(0, depth - 1)
    word += character
  }
  return word === '' ? found : [...found, word]
}

/** A refusal for every client that is not authorized by then. */
export const isRefusal = ({ verb }: Restriction): boolean =>
  /^(reject_unauth_destination|defer_unauth_destination|reject|defer)$/.test(verb)

/** Whether a check is ours: it names drac, or one of the given places. */
export const asksDrac = ({ verb, argument }: Restriction, ours: readonly string[] = []): boolean =>
  verb.startsWith('check_') &&
  argument !== '' &&
  (/drac/i.test(argument) || ours.some((place) => argument.includes(place)))
