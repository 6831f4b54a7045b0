// A process with a store in it, for tests that kill it or take its disk away. Started by store-process.ts.
//   argv: the options of SqliteStore as JSON
//   in: one Command a message; out: one Event a message
import { openSync, writeSync } from 'node:fs'
import { addressFromUint32 } from '../../src/lib/address.ts'
import { parseRelayKey, type RelayKey } from '../../src/lib/prefix.ts'
import { SqliteStore } from '../../src/store/sqlite-store.ts'
import type { Command, Event } from './store-process.ts'

const tell = (event: Event): void => {
  process.send?.(event)
}
const now = (): number => Math.floor(Date.now() / 1000)
const source = 'drac-rpc 127.0.0.1'

let store: SqliteStore
try {
  store = new SqliteStore({
    ...JSON.parse(process.argv[2]!),
    onHealth: (health) => tell({ type: 'health', health }),
  })
  tell({ type: 'open', health: store.health() })
} catch (error) {
  const { code, message } = error as Error & { code?: string }
  tell({ type: 'refused', code: code ?? '', message })
  process.disconnect?.()
}

const put = (key: RelayKey): Promise<unknown> => store.put({ key, expiresAt: now() + 3600, now: now(), source })

/**
 * One of many writers that never stop: puts one address after the other and takes every tenth back. What was acknowledged
 * stands in a file, which the kernel keeps when this process is killed: +KEY was put, ?KEY is being deleted, -KEY is gone.
 */
async function writeForEver(writer: number, round: number, log: number): Promise<void> {
  for (let i = 0; ; i++) {
    const key = parseRelayKey(addressFromUint32(((round << 26) | (writer << 20) | i) >>> 0))
    await put(key)
    writeSync(log, `+${key}\n`)
    if (i % 10 !== 9) continue
    writeSync(log, `?${key}\n`)
    await store.delete(key)
    writeSync(log, `-${key}\n`)
  }
}

/** Puts until one is refused. */
async function fill(): Promise<void> {
  for (let i = 0; ; i += 64) {
    try {
      await Promise.all(Array.from({ length: 64 }, (_, j) => put(parseRelayKey(addressFromUint32(0x0a000000 + i + j)))))
    } catch (error) {
      const { code } = error as { code?: string }
      tell({ type: 'filled', count: i, code: code ?? '' })
      return
    }
  }
}

const RUN: { readonly [type in Command['type']]: (command: Extract<Command, { type: type }>) => Promise<void> } = {
  async put({ key }) {
    const code = await put(parseRelayKey(key)).then(
      () => '',
      (error: { code: string }) => error.code,
    )
    tell({ type: 'put', key, code })
  },
  async get({ key }) {
    try {
      tell({ type: 'got', key, found: store.get(parseRelayKey(key)) !== undefined, code: '' })
    } catch (error) {
      tell({ type: 'got', key, found: false, code: (error as { code: string }).code })
    }
  },
  async load({ writers, round, log }) {
    const fd = openSync(log, 'a')
    await Promise.all(Array.from({ length: writers }, (_, writer) => writeForEver(writer, round, fd)))
  },
  fill,
  async close() {
    await store.close()
    process.disconnect?.()
  },
}

process.on('message', (command: Command) => void (RUN[command.type] as (command: Command) => Promise<void>)(command))
