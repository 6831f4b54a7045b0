// popa3d 1.0, standalone (-D) only: `Session from ADDRESS`, then of the same process `Authentication passed for USER`.
// From inetd it writes no address, and nothing comes of it.
//
// Left out: the line of a patch, `Authentication passed for USER -- [ADDRESS]`. Where the patch is not in, a user's
// name could be made to look so.
import { ADDRESS, forPrograms, NUMBER, type ServerPatterns, shape, USER } from '../pattern.ts'

export const POPA3D: ServerPatterns = {
  server: 'popa3d',
  patterns: forPrograms(
    ['popa3d'],
    [
      { kind: 'opened', starts: 'Session from ', shape: shape(`Session from ${ADDRESS}`), fields: ['address'] },
      {
        kind: 'passed',
        starts: 'Authentication passed for ',
        shape: shape(`Authentication passed for ${USER}`),
        fields: ['user'],
      },
      {
        kind: 'closed',
        starts: 'Authentication failed for ',
        shape: shape(`Authentication failed for ${USER}`),
        fields: ['user'],
      },
      { kind: 'closed', starts: 'Didn', shape: shape("Didn't attempt authentication"), fields: [] },
      {
        kind: 'end',
        starts: '',
        shape: shape(`${NUMBER} \\(${NUMBER}\\) deleted, ${NUMBER} \\(${NUMBER}\\) left`),
        fields: [],
      },
    ],
  ),
  sessionIsProcess: true,
}
