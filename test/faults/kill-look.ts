// What a mail server and an administrator see of the table after a restart.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Address } from '../../src/lib/address.ts'
import { NetstringReader } from '../../src/protocols/netstring/netstring.ts'
import { decodeReply, encodeRequest, MAX_REPLY_BYTES, type Reply } from '../../src/protocols/socketmap/socketmap.ts'

/** Asks for each address over one connection, a hundred questions at a time; the answers in the same order. */
export async function lookups(path: string, addresses: readonly Address[]): Promise<readonly Reply['status'][]> {
  const answers: Reply['status'][] = []
  const socket = connect(path)
  await once(socket, 'connect')
  let asked = 0
  const ask = (): void => {
    const questions = addresses.slice(asked, asked + 100).map((key) => encodeRequest({ map: 'drac', key }))
    asked += questions.length
    if (questions.length > 0) socket.write(Buffer.concat(questions))
  }
  const reader = new NetstringReader(MAX_REPLY_BYTES)
  ask()
  while (answers.length < addresses.length) {
    const [chunk] = (await once(socket, 'data', { signal: AbortSignal.timeout(30_000) })) as [Buffer]
    for (const payload of reader.push(chunk)) answers.push(decodeReply(payload).status)
    if (answers.length === asked) ask()
  }
  socket.destroy()
  return answers
}

/** Those of the addresses that may not relay. */
export async function notPermitted(path: string, addresses: readonly Address[]): Promise<readonly Address[]> {
  const answers = await lookups(path, addresses)
  return addresses.filter((_, at) => answers[at] !== 'OK')
}

/** `drac list --json`: address -> expiry in seconds since the epoch. */
export async function listExpiries(control: string): Promise<ReadonlyMap<string, number>> {
  const args = [resolve('src/bin/drac.ts'), 'list', '--json', '--control', `unix:${control}`]
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 30 })
  const entries = JSON.parse(stdout) as readonly { readonly address: string; readonly expires_at: number }[]
  return new Map(entries.map((entry) => [entry.address, entry.expires_at]))
}
