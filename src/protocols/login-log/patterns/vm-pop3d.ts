// vm-pop3d 1.1: user.c, vm-pop3d.c. Older: `Connect from ADDRESS`, then of the same process `User 'USER' logged in`;
// newer: `User 'USER' logged in from ADDRESS, nmsgs=N`. With a virtual domain `User 'USER' of 'DOMAIN' ...`. A user name
// has no space: the server refuses one.
import { ADDRESS, forPrograms, NUMBER, type ServerPatterns, shape } from '../pattern.ts'

const WHO = "User '([^\\s]{1,255})'(?: of '[^\\s]{1,255}')? logged in"

export const VM_POP3D: ServerPatterns = {
  server: 'vm-pop3d',
  patterns: forPrograms(
    ['vm-pop3d'],
    [
      { kind: 'opened', starts: 'Connect from ', shape: shape(`Connect from ${ADDRESS}`), fields: ['address'] },
      { kind: 'passed', starts: "User '", shape: shape(WHO), fields: ['user'] },
      {
        kind: 'login',
        starts: "User '",
        shape: shape(`${WHO} from ${ADDRESS}(?:, nmsgs=${NUMBER})?`),
        fields: ['user', 'address'],
      },
      {
        kind: 'end',
        starts: 'Session ',
        shape: shape("Session (?:ended|timed out) for user: ([^\\s]{1,255}(?: of '[^\\s]{1,255}')?)"),
        fields: ['user'],
      },
      { kind: 'closed', starts: 'Session ', shape: shape('Session (?:ended|timed out) for no user'), fields: [] },
    ],
  ),
  sessionIsProcess: true,
}
