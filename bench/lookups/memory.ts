// What an idle connection costs the server in resident memory.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { residentMemory } from '../harness/children.ts'
import type { Pair } from './pairs.ts'

const FIRST = 500
const MORE = 3_000

/**
 * Opens connections, asks over each once, and lets them stand. Bytes for each after the first 500, in a server that has
 * done nothing else: one that has keeps memory at hand, and every later connection seems to cost nothing.
 */
export async function bytesPerIdleConnection(pid: number, port: number, pair: Pair): Promise<number> {
  const sockets: Socket[] = []
  const open = async (count: number): Promise<number> => {
    for (let i = 0; i < count; i++) sockets.push(await asked(port, pair))
    await sleep(300)
    return residentMemory(pid).now
  }
  const before = await open(FIRST)
  const after = await open(MORE)
  for (const socket of sockets) socket.destroy()
  return (after - before) / MORE
}

async function asked(port: number, { request }: Pair): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(request)
  await once(socket, 'data')
  return socket
}
