// npm run package: deb and rpm packages for amd64 and arm64, into build/packages. The same sources make the same bytes.
//   --arch amd64|arm64     one machine alone; repeatable
//   --format deb|rpm       one kind alone; repeatable
//   --package-version V    in place of package.json's version and release 1
//   --fast                 uncompressed, for tests
//   --stand-in             a small program of this machine in place of all others, to look at everything else quickly
//   --output FOLDER
// Needs Node.js 26 and Debian's dpkg, rpm, gcc and make; for the other machine gcc-aarch64-linux-gnu as well. The time of
// every file is SOURCE_DATE_EPOCH, or the last commit's. DRAC_PACKAGE_MAINTAINER and DRAC_PACKAGE_URL name you.
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildExecutable } from './build-executable.mjs'
import { buildC } from './package/c-programs.mjs'
import { buildDebs } from './package/deb.mjs'
import { MACHINES, toolsFor } from './package/machines.mjs'
import { buildRpms } from './package/rpm.mjs'
import { need } from './package/run.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const OURS = process.arch === 'arm64' ? 'arm64' : 'amd64'

/** Builds and returns the paths. Throws with what is missing. */
export async function buildPackages({
  machines = Object.keys(MACHINES),
  formats = ['deb', 'rpm'],
  version = `${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version}-1`,
  output = join(root, 'build', 'packages'),
  fast = false,
  standIn = false,
} = {}) {
  const toolsOf = standIn ? () => toolsFor(OURS) : toolsFor
  need(neededFor(machines, formats, toolsOf))
  const work = mkdtempSync(join(tmpdir(), 'drac-package-'))
  try {
    const made = []
    for (const machine of machines) {
      const { node, triplet } = MACHINES[machine]
      const executable = join(work, machine, 'drac-all')
      if (!standIn) await buildExecutable({ output: executable, arch: node, version: version.split('-')[0] })
      for (const format of formats) {
        const built = join(work, machine)
        buildC(root, toolsOf(machine), built, format === 'deb' ? `/usr/lib/${triplet}` : '/usr/lib64')
        if (standIn) copyFileSync(join(built, 'sd-notify'), executable)
        const build = format === 'deb' ? buildDebs : buildRpms
        made.push(...build({ root, built, machine, version, work, output, fast, epoch: epoch(), ...who() }))
      }
    }
    return made
  } finally {
    rmSync(work, { recursive: true })
  }
}

function neededFor(machines, formats, toolsOf) {
  const tools = { make: 'make' }
  for (const machine of machines) {
    const { CC, LD, STRIP } = toolsOf(machine)
    const other = CC !== 'gcc'
    const triplet = MACHINES[machine].triplet
    Object.assign(tools, { [CC]: other ? `gcc-${triplet.replace('_', '-')}` : 'gcc' })
    Object.assign(
      tools,
      Object.fromEntries(
        [LD, STRIP].map((tool) => [tool, other ? `binutils-${triplet.replace('_', '-')}` : 'binutils']),
      ),
    )
  }
  if (formats.includes('deb')) tools['dpkg-deb'] = 'dpkg'
  if (formats.includes('rpm')) tools.rpmbuild = 'rpm'
  return tools
}

/** Seconds since 1970. */
function epoch() {
  if (process.env.SOURCE_DATE_EPOCH) return Number(process.env.SOURCE_DATE_EPOCH)
  if (existsSync(join(root, '.git')))
    return Number(execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' }))
  return Math.floor(statSync(join(root, 'CHANGELOG.md')).mtimeMs / 1000)
}

const who = () => ({
  maintainer: process.env.DRAC_PACKAGE_MAINTAINER ?? 'drac maintainers <drac@packages.invalid>',
  url: process.env.DRAC_PACKAGE_URL ?? 'https://drac.invalid/',
})

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      arch: { type: 'string', multiple: true },
      format: { type: 'string', multiple: true },
      'package-version': { type: 'string' },
      output: { type: 'string' },
      fast: { type: 'boolean' },
      'stand-in': { type: 'boolean' },
    },
  })
  try {
    const made = await buildPackages({
      ...(values.arch && { machines: values.arch }),
      ...(values.format && { formats: values.format }),
      ...(values['package-version'] && { version: values['package-version'] }),
      ...(values.output && { output: resolve(values.output) }),
      ...(values.fast && { fast: true }),
      ...(values['stand-in'] && { standIn: true }),
    })
    for (const path of made) console.log(`${relative(resolve(), path)}  ${(statSync(path).size / 1e6).toFixed(1)} MB`)
  } catch (error) {
    console.error(`package: ${error.message}`)
    process.exitCode = 69
  }
}
