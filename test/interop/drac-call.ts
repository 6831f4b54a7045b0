// Builds the C client from libdrac/drac.x with rpcgen, gcc and libtirpc, and calls it inside a namespace.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Namespace } from './namespace.ts'

export interface Call {
  readonly host?: string
  readonly net: 'udp' | 'tcp'
  /** left out: the portmapper is asked */
  readonly port?: number
  /** of the program; 1 for an IPv4 address and 2 for IPv6 when left out */
  readonly version?: number
}

/** Builds it into the namespace's folder; returns its path inside. */
export function buildDracCall(namespace: Namespace): string {
  const folder = join(namespace.folder, 'c')
  mkdirSync(folder)
  copyFileSync('libdrac/drac.x', join(folder, 'drac.x'))
  copyFileSync('test/interop/c/drac-call.c', join(folder, 'drac-call.c'))
  const run = (command: string, ...args: string[]): void => {
    execFileSync(command, args, { cwd: folder, stdio: 'pipe' })
  }
  run('rpcgen', '-h', '-o', 'drac.h', 'drac.x')
  run('rpcgen', '-c', '-o', 'drac_xdr.c', 'drac.x')
  run('rpcgen', '-l', '-o', 'drac_clnt.c', 'drac.x')
  run('gcc', '-I/usr/include/tirpc', '-o', 'drac-call', 'drac-call.c', 'drac_xdr.c', 'drac_clnt.c', '-ltirpc')
  return '/run/drac/c/drac-call'
}

/** The addstat, or the client library's complaint. */
export function dracCall(namespace: Namespace, program: string, address: string, call: Call): number | string {
  const version = call.version ?? (address.includes(':') ? 2 : 1)
  const args = [call.host ?? '127.0.0.1', call.net, String(version), address, ...(call.port ? [String(call.port)] : [])]
  const { status, stdout, stderr } = namespace.try(program, args)
  return status === 0 ? Number(stdout) : stderr.trim()
}
