// The alert rules and the dashboard ask for metrics that there are, with labels that they have.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Metrics } from '../../src/admin/metrics.ts'
import type { StatusView } from '../../src/admin/status.ts'
import { newCounters } from '../../src/core/counters.ts'

const RULES = 'packaging/prometheus/dracd.rules.yml'
const DASHBOARD = 'packaging/grafana/dracd.json'

const VIEW: StatusView = {
  version: '1',
  pid: 1,
  started_at: 1,
  now: 2,
  store: { state: 'up', path: '/x' },
  entries: 1,
  sessions: 1,
  max_entries: 2,
  lifetime: 1800,
  expiry_lag: 0,
  endpoints: {},
  portmapper: { mode: 'off', registered: false, forwards: false, reason: '' },
  counters: { ...newCounters(), reports: { dovecot: { added: 1 } } },
  rates: { reports: 0, lookups: 0 },
  maps: [{ path: '/m', format: 'btree', entries: 1, lag: 0 }],
  logs: [{ log: '/l', servers: [], waiting: false, lines: 1, events: 1, overlong: 0, behind: 0 }],
  polls: [{ name: 'p', from: 'p', interval: 60, polled_at: 1, connections: 1, error: null, failures: 0 }],
} as unknown as StatusView

/** Every name that Prometheus would see, with the labels of its samples. */
async function names(): Promise<Map<string, Set<string>>> {
  const metrics = new Metrics(() => VIEW)
  metrics.lookups('socketmap')('permit', 0.001)
  metrics.commit(0.001, 1)
  const found = new Map<string, Set<string>>()
  for (const [, name, labels = ''] of (await metrics.render()).matchAll(/^(\w+)(?:\{([^}]*)\})? /gm)) {
    const known = found.get(name!) ?? new Set<string>()
    for (const [, label] of labels.matchAll(/(\w+)="/g)) known.add(label!)
    found.set(name!, known)
  }
  return found
}

const asked = (text: string): string[] => [...new Set(text.match(/\b(drac|process)_[a-z_]+\b(?=[\s){[}"\\]|$)/g) ?? [])]

test.each([RULES, DASHBOARD])('%s asks for nothing that is not there', async (file) => {
  const there = await names()
  const wanted = asked(readFileSync(file, 'utf8'))
  expect(wanted.length).toBeGreaterThan(6)
  expect(wanted.filter((name) => !there.has(name))).toEqual([])
})

test('every label that is summed by is one', async () => {
  const there = new Set(['instance', 'le', ...[...(await names()).values()].flatMap((labels) => [...labels])])
  for (const file of [RULES, DASHBOARD]) {
    const by = [...readFileSync(file, 'utf8').matchAll(/by \(([^)]*)\)/g)].flatMap(([, labels]) => labels!.split(/, */))
    expect(by.filter((label) => !there.has(label))).toEqual([])
  }
})

const PROMTOOL = '.cache/interop/prometheus/usr/bin/promtool'
if (!existsSync(PROMTOOL))
  console.log(`skipped: promtool check rules: no ${PROMTOOL}; npm test as root on Debian unpacks it`)
test.skipIf(!existsSync(PROMTOOL))('Prometheus understands the rules', () => {
  const { status, stdout, stderr } = spawnSync(PROMTOOL, ['check', 'rules', RULES], { encoding: 'utf8' })
  expect(status, `${stdout}${stderr}`).toBe(0)
})
test.skipIf(!existsSync(PROMTOOL))('Prometheus understands the metrics', async () => {
  const metrics = new Metrics(() => VIEW)
  metrics.lookups('socketmap')('permit', 0.001)
  const { status, stdout, stderr } = spawnSync(PROMTOOL, ['check', 'metrics'], {
    encoding: 'utf8',
    input: await metrics.render(),
  })
  expect(status, `${stdout}${stderr}`).toBe(0)
})
