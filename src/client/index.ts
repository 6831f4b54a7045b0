// The package's public API: what a POP or IMAP server calls after a login.
export { DracError, type ErrorKind } from '../lib/errors.ts'
export { AddStat } from '../protocols/drac/add.ts'
export { type AuthSys, encodeAuthSys, type OpaqueAuth } from '../protocols/oncrpc/auth.ts'
export { DracClient, type DracClientOptions, type UserIp } from './drac-client.ts'
export {
  type DracAuthOptions,
  dracauth,
  dracauth6,
  dracconn,
  dracconn6,
  dracdisc,
  dracdisc6,
  dracsend,
  dracsend6,
} from './dracauth.ts'
export { DRACD_HOST_FILE, findHosts, type HostSources } from './host.ts'
export type { Resolve } from './host-link.ts'
export {
  CALL_FAILED,
  type ClientResult,
  type DracCode,
  type DracResult,
  type HostResult,
  NOT_CONNECTED,
} from './result.ts'
