// Starting fake-server.ts.
import { join } from 'node:path'
import { Child } from './children.ts'

export interface Fake {
  readonly child: Child
  readonly ports: readonly number[]
  /** The datagrams so far, in hex, of the listener with this index: all that were answered before this was asked. */
  got(index?: number): Promise<string[]>
  stop(): Promise<void>
}

/**
 * @param listeners `ADDRESS:PORT=BEHAVIOUR`; see replies.ts
 * @param prefix a command that runs its arguments somewhere else, such as in a namespace
 */
export async function startFake(listeners: readonly string[], prefix: readonly string[] = []): Promise<Fake> {
  const [command, ...args] = [...prefix, process.execPath, join(import.meta.dirname, 'fake-server.ts'), ...listeners]
  const child = new Child(command!, args)
  const ports = await child.line('ports', (line) => line.startsWith('ready ') && line.split(' ').slice(1).map(Number))
  let asked = 0
  return {
    child,
    ports,
    got: async (index = 0) => {
      const mark = `mark ${++asked}`
      child.process.stdin!.write(`${mark}\n`)
      await child.line(mark, (line) => line === mark)
      return child.lines.filter((line) => line.startsWith(`got ${index} `)).map((line) => line.split(' ')[2]!)
    },
    stop: () => {
      child.process.stdin!.end()
      return child.end().then(() => undefined)
    },
  }
}
