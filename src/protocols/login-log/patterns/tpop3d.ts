// tpop3d 1.4 and 1.5: main.c and netloop.c. `fork_child: [FD]USER(ADDRESS): began session for `USER' with DRIVER; child
// PID is PID`, and of that child `connections_post_select: client [FD]USER(ADDRESS): finished session for `USER' ...`.
//
// The user's text stands on both sides of the address. It is the same text, and must be: any other split would put a
// parenthesis into an address.
import { ADDRESS, forPrograms, type ServerPatterns, shape } from '../pattern.ts'

const WHO = `\\[[0-9]{1,6}\\](.{1,255})\\(${ADDRESS}\\)`

export const TPOP3D: ServerPatterns = {
  server: 'tpop3d',
  patterns: forPrograms(
    ['tpop3d'],
    [
      {
        kind: 'login',
        starts: 'fork_child: [',
        shape: shape(`fork_child: ${WHO}: began session for \`\\1' with [a-z0-9_-]{1,32}; child PID is ([0-9]{1,10})`),
        fields: ['user', 'address', 'pid'],
      },
      {
        kind: 'logout',
        starts: 'connections_post_select: client [',
        shape: shape(`connections_post_select: client ${WHO}: finished session for \`\\1' with [a-z0-9_-]{1,32}`),
        fields: ['user', 'address'],
      },
    ],
  ),
  sessionIsProcess: true,
}
