// POP and IMAP servers that have DRAC built in, or patched in: they call dracauth() of whatever libdrac they are linked with.
import type { DracFacts } from './facts.ts'
import type { Way } from './plan.ts'
import { snippet } from './snippet.ts'

const NOTES = [
  'build it with the libdrac of libdrac/: source compatible, IPv6 hosts, 2 s at most',
  'the host is what dracauth(3) takes: localhost, mx1:4711, or several with commas between them; without a port its portmapper is asked, which dracd itself is where no rpcbind runs',
  'these servers report IPv4 clients only, and logins only: no user, no end of a session',
]

/** Where a server is told the host, and the text of it below integrations/. */
export interface HostSetting {
  readonly file: string
  readonly where: string
  readonly text: string
}

/** @param notes of this server's own */
export const rpcWay = (host: HostSetting, notes: readonly string[] = []): Way => ({
  name: 'rpc',
  summary: 'DRAC over RPC, built into it',
  plan: (facts) => ({
    settings: settings(facts),
    parts: [{ ...host, text: snippet(host.text) }],
    commands: [],
    down: 'a login waits 2 s when dracd hangs, not when it is down (25 s and more with the library of the original), and goes on; it is not reported later',
    notes: [...notes, ...NOTES],
  }),
})

const settings = ({ endpoints }: DracFacts): string[] =>
  endpoints.drac_rpc.length > 0 ? [] : ['[drac_rpc]', 'listen = ["udp:127.0.0.1:0", "tcp:127.0.0.1:0"]']
