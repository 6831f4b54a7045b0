// npm start: a daemon to try things on, and the next two things to try.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { defaultUserState } from '../daemon/control-path.ts'
import { runDracd } from './dracd.ts'

/** @param args dracd's own arguments, which come after ours and win over them */
export async function tryOut(args: readonly string[]): Promise<void> {
  const running = await runDracd(['node', 'dracd', ...(args.includes('--config') ? [] : ownSettings()), ...args])
  if (running) process.stdout.write(`${nextSteps(running.endpoints)}\n`)
}

/** Nothing outside the user's own folders, nothing that another daemon could already listen on. */
function ownSettings(): string[] {
  const state = defaultUserState()
  mkdirSync(state, { recursive: true, mode: 0o750 })
  return [
    ['state_directory', state],
    ['control', `unix:${join(state, 'control.sock')}`],
    ['socketmap.listen', `["unix:${join(state, 'socketmap.sock')}", "tcp:127.0.0.1:0"]`],
  ].flatMap(([name, value]) => ['--set', `${name}=${value}`])
}

function nextSteps(endpoints: Readonly<Record<string, readonly string[]>>): string {
  const port = endpoints.drac_rpc?.find((text) => text.startsWith('udp:'))?.replace(/^.*:/, '')
  const lines = Object.entries(endpoints).flatMap(([name, list]) => list.map((text) => `  ${name.padEnd(10)} ${text}`))
  return `
dracd is ready and listens on
${lines.join('\n')}

Try, in another terminal in this folder:
  npm run -s drac -- auth 127.0.0.1:${port ?? 'PORT'} 192.0.2.25    # as a POP server: this client has logged in
  npm run -s drac -- show 192.0.2.25                   # as an administrator: may it relay, and why?
`
}
