// What one of Postfix's checks asks: the table's type and name, or the policy service with its attributes.
import { type Endpoint, parseEndpoint } from '../../net/endpoint.ts'
import type { Restriction } from './restrictions.ts'
import { tokens } from './restrictions.ts'

export interface PolicyService {
  readonly kind: 'policy'
  readonly endpoint: Endpoint | undefined
  /** Absolute or, below the queue directory, relative; undefined over TCP. */
  readonly unixPath: string | undefined
  /** Written with braces, which is the only form that takes attributes. */
  readonly attributes: ReadonlyMap<string, string>
  /** Words that are no NAME=VALUE: smtpd does not start with them. */
  readonly stray: readonly string[]
}
export interface Table {
  readonly kind: 'table'
  /** `socketmap`, `btree`; without `proxy:`. */
  readonly type: string
  readonly proxied: boolean
  readonly name: string
  readonly endpoint: Endpoint | undefined
  readonly unixPath: string | undefined
}

export function askedBy({ verb, argument }: Restriction): PolicyService | Table {
  return verb === 'check_policy_service' ? policyService(argument) : table(argument)
}

function policyService(argument: string): PolicyService {
  const inside = /^\{([\s\S]*)\}$/.exec(argument)
  const [place = '', ...rest] = inside ? tokens(inside[1]!) : [argument]
  const words = rest.map((word) => word.replace(/^\{\s*|\s*\}$/g, ''))
  const attributes = new Map<string, string>()
  for (const word of words) {
    const [, name, value] = /^(\w+)\s*=\s*([\s\S]*)$/.exec(word) ?? []
    if (name !== undefined) attributes.set(name, value!)
  }
  const stray = words.filter((word) => !/^\w+\s*=/.test(word))
  return { kind: 'policy', ...placeOf(place), attributes, stray }
}

function table(argument: string): Table {
  const proxied = argument.startsWith('proxy:')
  const [, type = '', name = ''] = /^(\w+):([\s\S]*)$/.exec(argument.replace(/^proxy:/, '')) ?? []
  if (type === 'socketmap') return { kind: 'table', type, proxied, name, ...placeOf(name.replace(/:[^:]*$/, '')) }
  if (type === 'tcp') return { kind: 'table', type, proxied, name, ...placeOf(`inet:${name}`) }
  return { kind: 'table', type, proxied, name, endpoint: undefined, unixPath: undefined }
}

/** `inet:HOST:PORT` or `unix:PATH`. */
function placeOf(text: string): { endpoint: Endpoint | undefined; unixPath: string | undefined } {
  const unix = /^unix:(.+)$/.exec(text)?.[1]
  if (unix !== undefined) return { endpoint: undefined, unixPath: unix }
  const host = /^inet:(.+)$/.exec(text)?.[1]?.replace(/^localhost:/, '127.0.0.1:')
  try {
    return { endpoint: host === undefined ? undefined : parseEndpoint(`tcp:${host}`), unixPath: undefined }
  } catch {
    return { endpoint: undefined, unixPath: undefined } // a host name or a service name: not to be compared
  }
}
