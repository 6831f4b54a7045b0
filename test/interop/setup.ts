// The configuration of a way, made as the manual says: "drac setup" with dracd's settings in /etc/drac/dracd.toml.
import { resolve } from 'node:path'
import type { Server as Mta } from './mta.ts'
import type { Namespace } from './namespace.ts'

type Server = Pick<Mta, 'name' | 'write'>

/** What `drac setup NAME --via WAY` prints. */
export interface Plan {
  /** what dracd.toml lacks */
  readonly settings: readonly string[]
  readonly parts: readonly { readonly file: string; readonly where: string; readonly text: string }[]
  /** to type once dracd runs */
  readonly commands: readonly string[]
}

export const printSetup = async (namespace: Namespace, server: Server, via: string): Promise<Plan> =>
  JSON.parse(await setup(namespace, server, via, []))

/** Where the server's configuration cannot be written by a program, this does nothing. */
export async function writeSetup(namespace: Namespace, server: Server, via: string): Promise<void> {
  if (server.write) await setup(namespace, server, via, ['--write', ...server.write.args])
}

async function setup(namespace: Namespace, server: Server, via: string, how: readonly string[]): Promise<string> {
  const args = ['setup', server.name, '--via', via, '--json', ...how]
  const dracSetup = [resolve('src/bin/drac.ts'), ...args]
  const { status, stdout, stderr } = await namespace.run(process.execPath, dracSetup, server.write?.env)
  if (status !== 0) throw new Error(`drac ${args.join(' ')}: ${status}: ${stderr}${stdout}`)
  return stdout
}

/** Types those of the commands that prepare files; the mail server is started afresh anyway. */
export function prepareFiles(namespace: Namespace, commands: readonly string[]): void {
  for (const command of commands)
    if (/^(chgrp|chmod|chown|mkdir|install) /.test(command)) namespace.exec('sh', ['-c', command])
}
