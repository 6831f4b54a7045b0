// Every server whose lines are known.
import type { ServerPatterns } from './pattern.ts'
import { COURIER } from './patterns/courier.ts'
import { CUCIPOP } from './patterns/cucipop.ts'
import { CYRUS } from './patterns/cyrus.ts'
import { DOVECOT } from './patterns/dovecot.ts'
import { GNU_POP3D } from './patterns/gnu-pop3d.ts'
import { PERDITION } from './patterns/perdition.ts'
import { POPA3D } from './patterns/popa3d.ts'
import { QPOPPER } from './patterns/qpopper.ts'
import { SOLID_POP3D } from './patterns/solid-pop3d.ts'
import { TEAPOP } from './patterns/teapop.ts'
import { TPOP3D } from './patterns/tpop3d.ts'
import { UW } from './patterns/uw.ts'
import { VM_POP3D } from './patterns/vm-pop3d.ts'
import { VPOPMAIL } from './patterns/vpopmail.ts'

export const ALL: readonly ServerPatterns[] = [
  DOVECOT,
  CYRUS,
  COURIER,
  UW,
  QPOPPER,
  CUCIPOP,
  TEAPOP,
  POPA3D,
  SOLID_POP3D,
  VM_POP3D,
  GNU_POP3D,
  PERDITION,
  VPOPMAIL,
  TPOP3D,
]

/** Names for `servers = [...]`. */
export const SERVERS: readonly string[] = ALL.map(({ server }) => server)
