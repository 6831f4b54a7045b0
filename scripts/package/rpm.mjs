// The RPM packages: drac, libdrac and libdrac-devel, one spec file.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { daemonContents, developmentContents, libraryContents } from './contents.mjs'
import { MACHINES } from './machines.mjs'
import { run } from './run.mjs'
import { listed, stage } from './stage.mjs'

/** Where the system keeps shared libraries: /usr/lib64 on both machines. */
const LIBDIR = 'usr/lib64'
const CONFIG = /^etc\//
const DOCUMENT = /^usr\/share\/(doc|man)\//
/** Folders that are the package's own. */
const FOLDERS = [
  '%dir /etc/drac',
  '%dir /usr/lib/drac',
  '%dir %attr(0750, drac, drac) /var/lib/drac',
  '%ghost %dir %attr(0755, drac, drac) /run/drac',
]

/** Returns the paths of the packages. */
export function buildRpms({ root, built, machine, version, epoch, maintainer, url, work, output, fast }) {
  const parts = {
    DRAC: {
      ...daemonContents(root, built, { unit: 'usr/lib/systemd/system', zsh: 'usr/share/zsh/site-functions' }),
      ...licence(root, 'drac'),
      'usr/share/doc/drac/CHANGELOG.md': { file: join(root, 'CHANGELOG.md') },
      'var/lib/drac': { folder: true, mode: 0o750 },
    },
    LIBDRAC: { ...libraryContents(built, LIBDIR, 0o755), ...licence(root, 'libdrac') },
    LIBDRAC_DEVEL: developmentContents(root, built, LIBDIR),
  }
  const tree = join(work, 'tree')
  const top = join(work, 'rpmbuild')
  for (const folder of [tree, top]) rmSync(folder, { recursive: true, force: true })
  const files = {}
  for (const [part, contents] of Object.entries(parts)) {
    const before = new Set(part === 'DRAC' ? [] : listed(tree))
    stage(tree, contents, epoch)
    const lines = listed(tree)
      .filter((file) => !before.has(file))
      .map(marked)
    files[`FILES_${part}`] = [...(part === 'DRAC' ? FOLDERS : []), ...lines].join('\n')
  }
  const [number, release] = version.split('-')
  const values = {
    ...files,
    VERSION: number.replace(/~.*/, ''),
    RELEASE: release ?? '1',
    URL: url,
    TREE: tree,
    MAINTAINER: maintainer,
    DATE: new Date(epoch * 1000).toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+).*/, '$1 $3 $2 $4'),
  }
  const spec = readFileSync(join(root, 'packaging', 'rpm', 'drac.spec.in'), 'utf8').replace(
    /@([A-Z_]+)@/g,
    (whole, name) => values[name] ?? whole,
  )
  mkdirSync(top, { recursive: true })
  writeFileSync(join(top, 'drac.spec'), spec)
  const { rpm } = MACHINES[machine]
  const defined = { _topdir: top, _binary_payload: fast ? 'w.ufdio' : 'w6.xzdio' }
  run(
    'rpmbuild',
    [
      '-bb',
      '--quiet',
      '--target',
      `${rpm}-linux`,
      ...Object.entries(defined).flatMap(([name, value]) => ['--define', `${name} ${value}`]),
      join(top, 'drac.spec'),
    ],
    { env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch), LC_ALL: 'C' } },
  )
  mkdirSync(output, { recursive: true })
  const made = readdirSync(join(top, 'RPMS', rpm))
  for (const name of made) copyFileSync(join(top, 'RPMS', rpm, name), join(output, name))
  for (const folder of [tree, top]) rmSync(folder, { recursive: true })
  return made.map((name) => join(output, name))
}

const licence = (root, name) => ({ [`usr/share/licenses/${name}/LICENSE`]: { file: join(root, 'LICENSE') } })

function marked(file) {
  if (CONFIG.test(file)) return `%config(noreplace) /${file}`
  if (file.startsWith('usr/share/licenses/')) return `%license /${file}`
  return DOCUMENT.test(file) ? `%doc /${file}` : `/${file}`
}
