// Perdition, the POP and IMAP proxy: perdition/perdition.c (perdition_log_auth). The client's address comes before all
// text of the client; what the last field says, `status="ok"`, makes it a login. Up to 1.18 `Auth: CLIENT->SERVER
// user="USER" server="HOST" port="PORT" status="ok"`, later with ports and who is who. Logged again every
// connect_relog seconds while the session lasts, which renews it and is no login.
//
// The line at the end, `Close: ...`, in 2.2 `Closing session: ...`, is joined by its process: whether an IPv6 address has a port behind it cannot be told there.
//
// A user name with a quotation mark is no match: it could hold all fields up to the status.
import { ADDRESS, forPrograms, NUMBER, type ServerPatterns, shape } from '../pattern.ts'

const SERVER = '[0-9A-Fa-f:.]{2,45}'
const QUOTED = '"[^"]{0,255}"'
const OLD = ` ${ADDRESS}->${SERVER} user="([^"]{0,255})"`
const NEW = ` ${ADDRESS}:[0-9]{1,5}->${SERVER}:[0-9]{1,5}`

export const PERDITION: ServerPatterns = {
  server: 'perdition',
  patterns: forPrograms(
    ['perdition', ...['imap', 'imaps', 'imap4', 'imap4s', 'pop3', 'pop3s'].map((protocol) => `perdition.${protocol}`)],
    [
      {
        kind: 'login',
        starts: 'Auth: ',
        shape: shape(`Auth:${OLD} server=${QUOTED} port=${QUOTED} status="ok"`),
        fields: ['address', 'user'],
      },
      {
        kind: 'login',
        starts: 'Auth: ',
        shape: shape(
          `Auth:${NEW} client-secure=[a-z]{1,16} authorisation_id=(?:NONE|"[^"]{0,64}") authentication_id="([^"]{0,255})"` +
            ` server=${QUOTED} protocol=(?:IMAP4S?|POP3S?) server-secure=[a-z]{1,16} status="ok"`,
        ),
        fields: ['address', 'user'],
      },
      {
        kind: 'end',
        starts: 'Close: ',
        shape: shape(
          `Close: [0-9A-Fa-f:.]{2,51}->[0-9A-Fa-f:.]{2,51} user="([^"]{0,255})" received=${NUMBER} sent=${NUMBER}`,
        ),
        fields: ['user'],
      },
      {
        kind: 'end',
        starts: 'Closing session: ',
        shape: shape(
          `Closing session: [0-9A-Fa-f:.]{2,51}->[0-9A-Fa-f:.]{2,51} authorisation_id=(?:NONE|"[^"]{0,64}")` +
            ` authentication_id="([^"]{0,255})" received=${NUMBER} sent=${NUMBER}`,
        ),
        fields: ['user'],
      },
    ],
  ),
  sessionIsProcess: true,
  repeatsLogins: true,
}
