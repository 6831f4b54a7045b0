// How servers are written in an argument, DRACHOST or a file.
import { isIPv6 } from 'node:net'
import { configError } from '../lib/errors.ts'

export interface HostSpec {
  /** As it was written. */
  readonly text: string
  /** A name or an IP address, without brackets. */
  readonly host: string
  /** Undefined: the portmapper knows. */
  readonly port?: number
}

/** `# comments`, then hosts between commas, blanks and ends of lines. */
export const splitHosts = (text: string): string[] =>
  text
    .replaceAll(/#.*/g, '')
    .split(/[\s,]+/)
    .filter((word) => word !== '')

/** `mail`, `mail:9001`, `192.0.2.1:9001`, `2001:db8::1`, `[2001:db8::1]:9001`. Throws `config` DRAC_HOST. */
export function parseHostSpec(text: string): HostSpec {
  if (isIPv6(text)) return { text, host: text }
  const match = /^(?:\[([^\]]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = match?.[3] === undefined ? undefined : Number(match[3])
  if (host === undefined || (match?.[1] !== undefined && !isIPv6(host)) || port === 0 || (port ?? 0) > 65535) {
    throw configError(
      'DRAC_HOST',
      `${JSON.stringify(text)} is not a host; write NAME, NAME:PORT, ADDRESS or [IPv6]:PORT`,
    )
  }
  return port === undefined ? { text, host } : { text, host, port }
}
