// dracd's settings, as the tests of src/mta want them.

import type { Finding } from '../../src/mta/check/finding.ts'
import type { Known } from '../../src/mta/check/inspection.ts'
import type { DracFacts, LookupName, MapFacts, ReportName } from '../../src/mta/facts.ts'
import { parseEndpoint } from '../../src/net/endpoint.ts'

const NONE = {
  socketmap: [],
  tcp_table: [],
  policy: [],
  readsocket: [],
  dns_list: [],
  whoson: [],
  drac_rpc: [],
  http: [],
  report: [],
  cyrus: [],
}

export const map = (given: Partial<MapFacts> & { path: string }): MapFacts => ({
  format: 'btree',
  key: 'address',
  value: 'expiry',
  nul: false,
  command: '',
  ...given,
})

/** @param listen endpoints as an operator writes them */
export function facts(
  listen: Partial<Record<LookupName | ReportName, string[]>> = {},
  given: Partial<DracFacts> = {},
): DracFacts {
  const parsed = Object.fromEntries(Object.entries(listen).map(([name, texts]) => [name, texts.map(parseEndpoint)]))
  return {
    endpoints: { ...NONE, ...parsed },
    tokenFile: '',
    whosonLogins: false,
    reportGroup: '',
    polls: [],
    logs: [],
    zone: 'drac.invalid',
    maps: [],
    store: '/var/lib/drac/drac.sqlite',
    ipv4Prefix: 32,
    ipv6Prefix: 128,
    ...given,
  }
}

/** What dracd has when nothing is set. */
export const DEFAULT_LISTEN = { socketmap: ['unix:/run/drac/socketmap.sock', 'tcp:127.0.0.1:9899'] }

export const known = (f: DracFacts = facts(DEFAULT_LISTEN), unit: string | undefined = 'ExecStopPost=/x'): Known => ({
  facts: f,
  unit,
})

/** Warnings and errors, each as `LEVEL WHERE: MESSAGE`. */
export const bad = (findings: readonly Finding[]): string[] =>
  findings.filter(({ level }) => level !== 'ok').map(({ level, where, message }) => `${level} ${where}: ${message}`)
