// GNU pop3d 0.9.8 with its address in the line, as pop-before-smtp publishes it: `User USER logged in with mailbox FILE
// from ADDRESS`. GNU mailutils, its heir, writes no address: nothing of it can be matched.
import { ADDRESS, forPrograms, type ServerPatterns, shape, USER } from '../pattern.ts'

export const GNU_POP3D: ServerPatterns = {
  server: 'gnu-pop3d',
  patterns: forPrograms(
    ['gnu-pop3d'],
    [
      {
        kind: 'login',
        starts: 'User ',
        shape: shape(`User ${USER} logged in with mailbox [^\\s]{1,255} from ${ADDRESS}`),
        fields: ['user', 'address'],
      },
      {
        kind: 'end',
        starts: 'Session ended for user',
        shape: shape(`Session ended for user:? ${USER}`),
        fields: ['user'],
      },
    ],
  ),
  sessionIsProcess: true,
}
