// npm run build:libdrac: libdrac.a, libdrac.so, drac.h, drac-report into libdrac/build. CC, CFLAGS and PREFIX are those
// of libdrac/Makefile and are taken from the environment or as arguments: npm run build:libdrac -- CC=clang.
// Needs Node.js >= 18, a C compiler and make.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const libdrac = join(dirname(fileURLToPath(import.meta.url)), '..', 'libdrac')
const PASSED = ['CC', 'CFLAGS', 'CPPFLAGS', 'LDFLAGS', 'PREFIX', 'LIBDIR']

for (const tool of ['make', process.env.CC ?? 'cc'])
  if (spawnSync(tool, ['--version']).error) {
    console.error(`build:libdrac: needs ${tool}; on Debian: apt install gcc make libc6-dev`)
    process.exit(69)
  }

const settings = PASSED.filter((name) => process.env[name] !== undefined).map((name) => `${name}=${process.env[name]}`)
const args = ['-s', '-C', libdrac, ...settings, ...process.argv.slice(2)]
const { status } = spawnSync('make', args, { stdio: ['ignore', 'inherit', 'inherit'] })
process.exitCode = status ?? 1
if (status === 0) console.log(`libdrac and drac-report are in ${join(libdrac, 'build')}`)
