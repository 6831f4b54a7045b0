// The table of settings as one valibot schema.
import * as v from 'valibot'
import { messageOf } from '../../lib/errors.ts'
import { checkMapConfig } from '../../maps/publisher/map-config.ts'
import { checkLogConfig } from '../../reports/log-follower/config.ts'
import { wrongLogs } from './check-logs.ts'
import { LOG, LOG_PATTERN, MAP, POLL, type Setting, TABLES, TOP } from './table.ts'

type Rows = Record<string, Setting>
type Entries<R extends Rows> = { [K in keyof R]: v.OptionalSchema<R[K]['schema'], v.InferInput<R[K]['schema']>> }

/** Each row optional, with its default read as if it stood in the file. */
function entries<R extends Rows>(rows: R): Entries<R> {
  return Object.fromEntries(
    Object.entries(rows).map(([name, { schema, default: value, required }]) => [
      name,
      required ? schema : v.optional(schema, value),
    ]),
  ) as Entries<R>
}

/** @param check throws what is wrong with an entry as a whole */
const checked = <T>(check: (entry: T) => void) =>
  v.rawCheck<T>(({ dataset, addIssue }) => {
    if (!dataset.typed) return
    try {
      check(dataset.value)
    } catch (error) {
      addIssue({ message: messageOf(error) })
    }
  })

const plainMap = v.strictObject(entries(MAP))
const map = v.pipe(plainMap, checked<v.InferOutput<typeof plainMap>>(checkMapConfig))
const plainLog = v.strictObject(entries(LOG))
const log = v.pipe(plainLog, checked<v.InferOutput<typeof plainLog>>(checkLogConfig))

const maps = v.pipe(
  v.array(map),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return
    const input = dataset.value
    for (const [key, value] of input.entries()) {
      if (input.findIndex(({ path }) => path === value.path) === key) continue
      const place = [
        { type: 'array', origin: 'value', input, key, value },
        { type: 'object', origin: 'value', input: value, key: 'path', value: value.path },
      ] as const
      addIssue({ message: 'is the path of another map, too', path: [place[0], place[1]] })
    }
  }),
)

export const SCHEMA = v.pipe(
  v.strictObject({
    ...entries(TOP),
    drac_rpc: v.optional(v.strictObject(entries(TABLES.drac_rpc)), {}),
    socketmap: v.optional(v.strictObject(entries(TABLES.socketmap)), {}),
    tcp_table: v.optional(v.strictObject(entries(TABLES.tcp_table)), {}),
    policy: v.optional(v.strictObject(entries(TABLES.policy)), {}),
    readsocket: v.optional(v.strictObject(entries(TABLES.readsocket)), {}),
    dns_list: v.optional(v.strictObject(entries(TABLES.dns_list)), {}),
    whoson: v.optional(v.strictObject(entries(TABLES.whoson)), {}),
    map: v.optional(maps, []),
    http: v.optional(v.strictObject(entries(TABLES.http)), {}),
    report: v.optional(v.strictObject(entries(TABLES.report)), {}),
    cyrus: v.optional(v.strictObject(entries(TABLES.cyrus)), {}),
    log: v.optional(v.array(log), []),
    log_pattern: v.optional(v.array(v.strictObject(entries(LOG_PATTERN))), []),
    poll: v.optional(v.array(v.strictObject(entries(POLL))), []),
  }),
  v.forward(
    v.check((s) => s.max_lifetime >= s.lifetime, 'must not be shorter than lifetime'),
    ['max_lifetime'],
  ),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return
    const input = dataset.value
    for (const { table, entry, setting, message } of wrongLogs(input.log, input.log_pattern)) {
      const [value, row] = [input[table], input[table][entry]!]
      addIssue({
        message,
        path: [
          { type: 'object', origin: 'value', input, key: table, value },
          { type: 'array', origin: 'value', input: value, key: entry, value: row },
          { type: 'object', origin: 'value', input: row as Record<string, unknown>, key: setting, value: undefined },
        ],
      })
    }
  }),
)

/** Every setting, parsed: durations in seconds, networks as prefixes, endpoints as endpoints. */
export type Settings = v.InferOutput<typeof SCHEMA>
export type MapSettings = v.InferOutput<typeof map>
