// tcp_table listeners.
import type { Lookups } from '../../core/lookups.ts'
import { LineReader } from '../../lib/line-reader.ts'
import { AnswerEach } from '../../net/answer-each.ts'
import type { Connection } from '../../net/connection.ts'
import type { Endpoint } from '../../net/endpoint.ts'
import type { StreamLimits } from '../../net/limits.ts'
import { MTA_LIMITS } from '../../net/mta-limits.ts'
import { openStream, type StreamListener, type UnixOptions } from '../../net/stream.ts'
import { MAX_LINE_BYTES } from '../../protocols/tcp-table/tcp-table.ts'
import { answerRequest } from './lookup.ts'

/** Opens one endpoint, `tcp:` or `unix:`. Rejects with `config` DRAC_LISTEN. */
export function openTcpTable(
  endpoint: Endpoint,
  lookups: Lookups,
  unix: UnixOptions = {},
  limits: StreamLimits = MTA_LIMITS,
): Promise<StreamListener> {
  const converse = (connection: Connection): AnswerEach =>
    new AnswerEach(connection, new LineReader(MAX_LINE_BYTES), (line) => answerRequest(lookups, line))
  return openStream(endpoint, limits, { converse }, unix)
}
