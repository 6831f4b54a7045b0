// Teapop 0.3: teapop/pop_auth.c, `Successful login for USER [OUR ADDRESS] from HOST [ADDRESS]`. The first address is the
// server's own, the last the client's. At the end `USER [ADDRESS] R0(0) D0(0) L1(160)`.
import { ADDRESS, forPrograms, HOSTNAME, NUMBER, type ServerPatterns, shape, USER } from '../pattern.ts'

const COUNT = `${NUMBER}\\(${NUMBER}\\)`

export const TEAPOP: ServerPatterns = {
  server: 'teapop',
  patterns: forPrograms(
    ['teapop'],
    [
      {
        kind: 'login',
        starts: 'Successful login for ',
        shape: shape(`Successful login for ${USER} \\[[0-9A-Fa-f:.]{2,45}\\] from ${HOSTNAME} \\[${ADDRESS}\\]`),
        fields: ['user', 'address'],
      },
      {
        kind: 'end',
        starts: '',
        shape: shape(`${USER} \\[[0-9A-Fa-f:.]{2,45}\\] R${COUNT} D${COUNT} L${COUNT}`),
        fields: ['user'],
      },
    ],
  ),
  sessionIsProcess: true,
}
