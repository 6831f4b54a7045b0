// One socketmap look-up at a time, for what needs an answer and not a rate.
import { once } from 'node:events'
import { connect } from 'node:net'

/** The payload of the answer; undefined when the socket does not answer (yet). */
export async function lookup(path: string, key: string): Promise<string | undefined> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    const payload = `drac ${key}`
    socket.write(`${payload.length}:${payload},`)
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    return /^\d+:(.*),$/s.exec(chunk.toString('latin1'))?.[1]
  } catch {
    return undefined
  } finally {
    socket.destroy()
  }
}
