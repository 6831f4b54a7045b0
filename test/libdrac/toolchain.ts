// Building libdrac and the C programs of this folder into a temporary one, and why that may not be possible here.
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const LIBDRAC = resolve('libdrac')
const SOURCES = resolve('test/libdrac/c')
const TIRPC = '/usr/include/tirpc'

const runs = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0

/** What a test may need, and how to tell that it is there. */
const TOOLS = {
  gcc: () => runs('gcc', '--version') && runs('make', '--version'),
  clang: () => runs('clang', '--version') && runs('make', '--version'),
  'libclang-rt-14-dev': () => compiles('clang', ['-fsanitize=fuzzer,address'], FUZZ_TARGET),
  'musl-tools': () => runs('musl-gcc', '--version'),
  'rpcsvc-proto': () => runs('rpcgen', '--version') || existsSync('/usr/bin/rpcgen'),
  'libtirpc-dev': () => existsSync(join(TIRPC, 'rpc/rpc.h')),
  valgrind: () => runs('valgrind', '--version'),
  rpcbind: () => rpcbindPath() !== undefined,
  'root, for a network namespace': () =>
    process.platform === 'linux' && process.getuid?.() === 0 && runs('unshare', '--net', '--mount', 'ip', 'link'),
} as const
export type Tool = keyof typeof TOOLS

const FUZZ_TARGET = 'int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n) { return n && *d > 255; }\n'

export function rpcbindPath(): string | undefined {
  return ['/usr/sbin/rpcbind', '/sbin/rpcbind', resolve('.cache/interop/rpcbind/sbin/rpcbind')].find(existsSync)
}

/** Says once why tests are skipped, if they are: `what` lacks one of the tools. */
export function skipping(what: string, ...tools: readonly Tool[]): boolean {
  const missing = tools.filter((tool) => !TOOLS[tool]())
  if (missing.length > 0)
    console.warn(`skipped: ${what}: needs ${missing.join(', ')}; npm test as root on Debian installs what it needs`)
  return missing.length > 0
}

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'drac-libdrac-'))

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

function compiles(cc: string, flags: readonly string[], source: string): boolean {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'a.c'), source)
  const done = runs(cc, ...flags, '-o', join(folder, 'a'), join(folder, 'a.c'))
  removeFolder(folder)
  return done
}

/** Runs make in libdrac/ with O=`folder`; throws what the compiler said. */
export function make(folder: string, ...args: readonly string[]): void {
  const done = spawnSync('make', ['-s', '-C', LIBDRAC, `O=${folder}`, ...args], { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`make ${args.join(' ')}: ${done.stdout}${done.stderr}`)
}

/** Only the static library, quickly. */
export function makeLibrary(folder: string): void {
  make(folder, join(folder, 'libdrac.a'), 'CFLAGS=-O0 -Werror')
}

export interface CompileOptions {
  readonly cc?: string
  readonly flags?: readonly string[]
  /** what to link with, by default the static library */
  readonly libraries?: readonly string[]
}

/** Compiles test/libdrac/c/NAME.c against the library that `make(folder)` left; returns the program's path. */
export function compile(folder: string, name: string, options: CompileOptions = {}): string {
  const program = join(folder, name)
  const libraries = options.libraries ?? [`-L${folder}`, '-l:libdrac.a']
  const flags = options.flags ?? ['-std=gnu89', '-O1', '-w']
  const source = join(SOURCES, `${name}.c`)
  execFileSync(options.cc ?? 'gcc', [...flags, `-I${folder}`, `-I${LIBDRAC}`, '-o', program, source, ...libraries])
  return program
}

/**
 * The client and the server that rpcgen and libtirpc make from drac.x.
 * @param seconds how long the client waits; rpcgen's own figure is 25
 */
export function compileReference(parent: string, seconds = 1): { client: string; server: string } {
  const folder = mkdtempSync(join(parent, 'reference-'))
  copyFileSync(join(LIBDRAC, 'drac.x'), join(folder, 'drac_rpc.x'))
  const generate = (flag: string, to: string) =>
    execFileSync('rpcgen', ['-C', flag, '-o', to, 'drac_rpc.x'], { cwd: folder })
  generate('-h', 'drac_rpc.h')
  generate('-c', 'drac_xdr.c')
  generate('-l', 'drac_clnt.c')
  generate('-m', 'drac_svc.c')
  const stub = join(folder, 'drac_clnt.c')
  writeFileSync(stub, readFileSync(stub, 'utf8').replace('{ 25, 0 }', `{ ${seconds}, 0 }`))
  const link = (program: string, source: string, stubs: string) => {
    const files = [join(SOURCES, source), join(folder, 'drac_xdr.c'), join(folder, stubs)]
    execFileSync('gcc', ['-w', `-I${folder}`, `-I${TIRPC}`, '-o', join(folder, program), ...files, '-ltirpc'])
    return join(folder, program)
  }
  return {
    client: link('reference', 'reference.c', 'drac_clnt.c'),
    server: link('server', 'server.c', 'drac_svc.c'),
  }
}
