// Qpopper 2.5 to 4.1: popper/pop_log.c writes `(vVERSION) POP login by user "USER" at (HOST) ADDRESS` where it was
// compiled with LOG_LOGIN, and pop_updt.c at the end of a session `Stats: USER n n n n HOST ADDRESS` where -s is given:
// to some installations the only trace of a login. Both are written after authentication only. Version 4 may put the
// place in its source behind, `[pop_log.c:244]`.
//
// Its own log (-t) has `[PROGRAM]` or `[PID]` between the time and the message.
import { ADDRESS, forPrograms, NUMBER, type Pattern, type ServerPatterns, shape, USER } from '../pattern.ts'

const PLACE = '(?: \\[[a-z_]{1,32}\\.c:[0-9]{1,6}\\])?'
const LOGIN = `\\(v[A-Za-z0-9._ -]{1,32}\\) POP login by user "${USER}" at \\([A-Za-z0-9._:-]{0,255}\\) ${ADDRESS}${PLACE}`
const STATS = `Stats: {1,3}${USER} ${NUMBER} ${NUMBER} ${NUMBER} ${NUMBER}(?: [A-Za-z0-9._:-]{1,255})? ${ADDRESS}${PLACE}`
const OWN = '\\[(?:[a-z.]{1,32}|[0-9]{1,10})\\] {1,3}'

const SYSLOG: readonly Pattern[] = [
  { kind: 'login', starts: '(v', shape: shape(LOGIN), fields: ['user', 'address'] },
  { kind: 'stats', starts: 'Stats: ', shape: shape(STATS), fields: ['user', 'address'] },
]

export const QPOPPER: ServerPatterns = {
  server: 'qpopper',
  patterns: new Map([
    ...forPrograms(['qpopper', 'popper', 'in.qpopper', 'in.popper'], SYSLOG),
    ...forPrograms(
      [''],
      [
        { kind: 'login', starts: '[', shape: shape(OWN + LOGIN), fields: ['user', 'address'] },
        { kind: 'stats', starts: '[', shape: shape(OWN + STATS), fields: ['user', 'address'] },
      ],
    ),
  ]),
  sessionIsProcess: true,
}
