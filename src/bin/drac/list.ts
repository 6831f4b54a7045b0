// drac list: what is authorized now.
import type { Command } from 'commander'
import type { AuthorizationView } from '../../daemon/control-views.ts'
import { formatDuration } from '../../lib/duration.ts'
import { ask, type CommonOptions, common, print } from './context.ts'
import { ago, columns, plural } from './text.ts'

interface Options extends CommonOptions {
  readonly user?: string
  readonly source?: string
  readonly limit?: string
}

export const addList = (program: Command): Command =>
  common(program.command('list'))
    .description('show what is authorized now')
    .option('--user <user>', 'only what this user logged in from')
    .option('--source <source>', 'only what this source reported, by the beginning of its name')
    .option('--limit <count>', 'at most so many')
    .action(list)

async function list(options: Options): Promise<void> {
  const limit = options.limit === undefined ? Number.POSITIVE_INFINITY : Number(options.limit)
  const { now, entries } = await pages(options, limit)
  print(options, entries, () => [
    ...columns(table(entries, now)),
    ...(entries.length === 0 ? ['nothing is authorized'] : [`${plural(entries.length, 'authorization')}`]),
  ])
}

async function pages(options: Options, limit: number): Promise<{ now: number; entries: AuthorizationView[] }> {
  const entries: AuthorizationView[] = []
  let now = 0
  for (let after: string | undefined; entries.length < limit; ) {
    const query = new URLSearchParams({ limit: String(Math.min(10_000, limit - entries.length)) })
    for (const [name, value] of Object.entries({ user: options.user, source: options.source, after }))
      if (value !== undefined) query.set(name, value)
    const { body } = await ask(options, 'GET', `/v1/authorizations?${query}`)
    const page = body as { now: number; authorizations: AuthorizationView[]; next?: string }
    now = page.now
    entries.push(...page.authorizations)
    if (page.next === undefined) break
    after = page.next
  }
  return { now, entries }
}

function table(entries: readonly AuthorizationView[], now: number): string[][] {
  if (entries.length === 0) return []
  const rows = entries.map((entry) => [
    entry.address,
    formatDuration(entry.seconds_left),
    ago(entry.last_seen, now),
    entry.source,
    entry.logins.map(({ user }) => user).join(' '),
  ])
  return [['ADDRESS', 'LEFT', 'LAST LOGIN', 'REPORTED BY', 'USER'], ...rows]
}
