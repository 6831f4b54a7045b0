// Commands of the docs that cannot run in a namespace, each with the reason, and what is done in their place.
import type { World } from './world.ts'

export interface StandIn {
  readonly command: RegExp
  readonly reason: string
  /** Returns what the command would print. */
  readonly instead: (world: World, match: RegExpExecArray) => Promise<string>
}

const VERBS = {
  start: (world: World, name: string) => world.services[name]!.start(),
  stop: (world: World, name: string) => world.services[name]!.stop(),
  reload: (world: World, name: string) => world.services[name]!.reload(),
  async restart(world: World, name: string) {
    await world.services[name]!.stop()
    await world.services[name]!.start()
  },
} as const

export const STAND_INS: readonly StandIn[] = [
  {
    command: /^systemctl daemon-reload$/,
    reason: 'no systemd in a namespace: the drop-in file is read at the next start',
    instead: async () => '',
  },
  {
    command: /^systemctl (start|stop|reload|restart) (dracd|postfix|dovecot)$/,
    reason: "no systemd in a namespace: the program is started by the unit's command line, and signalled",
    async instead(world, [, verb, name]) {
      await VERBS[verb as keyof typeof VERBS](world, name!)
      return ''
    },
  },
  {
    command: /^postfix reload$/,
    reason: 'this Postfix has a pid namespace of its own: it is started again',
    async instead(world) {
      await world.services.postfix!.reload()
      return ''
    },
  },
  {
    command: /^doveadm reload$/,
    reason: 'this Dovecot has a pid namespace of its own: it is started again',
    async instead(world) {
      await world.services.dovecot!.reload()
      return ''
    },
  },
  {
    command: /^journalctl -u dracd -n (\d+) -o cat$/,
    reason: 'no journal in a namespace: what dracd wrote to standard error',
    instead: async (world, [, count]) => world.log().trimEnd().split('\n').slice(-Number(count)).join('\n'),
  },
  {
    command: /^apt install \S*drac\S*\.deb$/,
    reason: 'the package is installed by the test of the packages, in a Debian of its own',
    instead: async () => '',
  },
]
