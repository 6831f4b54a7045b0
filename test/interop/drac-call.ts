// Builds the C client from libdrac/drac.x with rpcgen, gcc and libtirpc, and calls it inside a namespace.
import { execFile as execFileWithCallback } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Namespace } from './namespace.ts'
import { unpacked } from './programs.ts'

const execFile = promisify(execFileWithCallback)
const CACHE = '.cache/interop'

export interface Call {
  readonly host?: string
  readonly net: 'udp' | 'tcp'
  /** left out: the portmapper is asked */
  readonly port?: number
  /** of the program; 1 for an IPv4 address and 2 for IPv6 when left out */
  readonly version?: number
}

/** Builds it beside the unpacked servers, once for each process; resolves with its path inside a namespace. */
export const buildDracCall = (): Promise<string> => {
  built ??= build()
  return built
}
let built: Promise<string> | undefined

async function build(): Promise<string> {
  mkdirSync(CACHE, { recursive: true })
  const folder = mkdtempSync(join(CACHE, '.c-'))
  copyFileSync('libdrac/drac.x', join(folder, 'drac.x'))
  copyFileSync('test/interop/c/drac-call.c', join(folder, 'drac-call.c'))
  const run = (command: string, ...args: string[]): Promise<unknown> => execFile(command, args, { cwd: folder })
  await run('rpcgen', '-h', '-o', 'drac.h', 'drac.x')
  await run('rpcgen', '-c', '-o', 'drac_xdr.c', 'drac.x')
  await run('rpcgen', '-l', '-o', 'drac_clnt.c', 'drac.x')
  await run('gcc', '-I/usr/include/tirpc', '-o', 'drac-call', 'drac-call.c', 'drac_xdr.c', 'drac_clnt.c', '-ltirpc')
  renameSync(join(folder, 'drac-call'), join(CACHE, 'drac-call'))
  rmSync(folder, { recursive: true })
  return unpacked('drac-call')
}

/** The addstat, or the client library's complaint. */
export function dracCall(namespace: Namespace, program: string, address: string, call: Call): number | string {
  const version = call.version ?? (address.includes(':') ? 2 : 1)
  const args = [call.host ?? '127.0.0.1', call.net, String(version), address, ...(call.port ? [String(call.port)] : [])]
  const { status, stdout, stderr } = namespace.try(program, args)
  return status === 0 ? Number(stdout) : stderr.trim()
}
