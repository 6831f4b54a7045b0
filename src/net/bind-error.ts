// What went wrong when an endpoint was opened, and the cure.
import { configError, type DracError, messageOf } from '../lib/errors.ts'
import { type Endpoint, formatEndpoint } from './endpoint.ts'

const CURES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else listens there already: stop it, or choose another port (0: any free one)',
  EACCES:
    'not permitted: choose a port of 1024 or more, give CAP_NET_BIND_SERVICE, or mend the rights of the directory',
  EPERM: 'not permitted for this user',
  EADDRNOTAVAIL: 'this host has no such address',
  EAFNOSUPPORT: 'this host has no such address family (is IPv6 switched off?)',
  ENOENT: 'the directory does not exist: create it',
  ENOTDIR: 'a part of the path is not a directory',
  EROFS: 'the file system is read-only',
}

/** `config` DRAC_LISTEN: the endpoint, the system's reason and the cure. */
export function cannotListen(endpoint: Endpoint, cause: unknown): DracError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? ''
  const why = CURES[code] ?? messageOf(cause)
  return configError(
    'DRAC_LISTEN',
    `cannot listen on ${formatEndpoint(endpoint)}: ${why}${code && ` (${code})`}`,
    cause,
  )
}
