// Cucipop 1.31: `USER ADDRESS n, n (n), n (n)`, one line at the end of a session unless -q is given.
//
// The user's text comes first, and `Invalid command WORD WORD WORDS` carries a stranger's text before any login. So the
// user name has no space here: then the address is the second word, which in every other line is the server's.
import { ADDRESS, forPrograms, NUMBER, type ServerPatterns, shape } from '../pattern.ts'

const COUNTS = `${NUMBER}, ${NUMBER} \\(${NUMBER}\\), ${NUMBER} \\(${NUMBER}\\)`

export const CUCIPOP: ServerPatterns = {
  server: 'cucipop',
  patterns: forPrograms(
    ['cucipop'],
    [{ kind: 'login', starts: '', shape: shape(`([^\\s]{1,255}) ${ADDRESS} ${COUNTS}`), fields: ['user', 'address'] }],
  ),
}
