// The mail servers that ask dracd, all at once in one namespace, each on a port of its own and in its recommended way.
import { eximOn } from './exim.ts'
import type { Server } from './mta.ts'
import { opensmtpdOn } from './opensmtpd.ts'
import { postfix } from './postfix.ts'
import { sendmailOn } from './sendmail.ts'
import { tcpserver } from './tcpserver.ts'

export interface MatrixMta {
  readonly server: Server
  readonly port: number
  /** `drac setup NAME --via` this */
  readonly via: string
  /** the map that it reads, and whom that must be readable for besides root */
  readonly map?: { readonly file: string; readonly group?: string }
}

const on = (port: number, via: string, server: (port: number) => Server, map?: MatrixMta['map']): MatrixMta => ({
  server: server(port),
  port,
  via,
  ...(map && { map }),
})

/** In the order of the table's columns. */
export const MATRIX_MTAS: readonly MatrixMta[] = [
  on(2501, 'socketmap', sendmailOn),
  on(2502, 'socketmap', (port) => postfix({ chroot: true, port })),
  on(2503, 'readsocket', eximOn),
  on(2504, 'file', opensmtpdOn, { file: '/etc/mail/drac.hash.db', group: 'opensmtpd' }),
  on(2505, 'file', (port) => tcpserver('ucspi-tcp-ipv6', ['IPv4', 'IPv6'], port), { file: '/etc/tcp.smtp.cdb' }),
]

export const columnOf = ({ server, via }: MatrixMta): string => `${server.title}, ${via === 'file' ? 'map' : via}`
