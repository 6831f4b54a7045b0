// Solid POP3 0.15: src/main.c. With --enable-logextend `user USER authenticated - CLIENT`, where CLIENT is `ADDRESS` or
// `NAME (ADDRESS)`; without it `connect from CLIENT`, then of the same process `user USER authenticated`.
import { ADDRESS, forPrograms, HOSTNAME, type ServerPatterns, shape, USER } from '../pattern.ts'

/** Both forms of CLIENT: a closing parenthesis belongs to an opening one. */
const CLIENTS = [ADDRESS, `${HOSTNAME} \\(${ADDRESS}\\)`]

export const SOLID_POP3D: ServerPatterns = {
  server: 'solid-pop3d',
  patterns: forPrograms(
    ['solid-pop3d', 'spop3d'],
    [
      ...CLIENTS.flatMap((client) => [
        {
          kind: 'login' as const,
          starts: 'user ',
          shape: shape(`user ${USER} authenticated - ${client}`),
          fields: ['user', 'address'] as const,
        },
        {
          kind: 'logout' as const,
          starts: 'session ended for ',
          shape: shape(`session ended for (?:mapped )?user ${USER} - ${client}`),
          fields: ['user', 'address'] as const,
        },
        {
          kind: 'opened' as const,
          starts: 'connect from ',
          shape: shape(`connect from ${client}`),
          fields: ['address'] as const,
        },
      ]),
      { kind: 'passed', starts: 'user ', shape: shape('user ([^ ]{1,255}) authenticated'), fields: ['user'] },
      {
        kind: 'end',
        starts: 'session ended for ',
        shape: shape('session ended for (?:mapped )?user ([^ ]{1,255})'),
        fields: ['user'],
      },
    ],
  ),
  sessionIsProcess: true,
}
