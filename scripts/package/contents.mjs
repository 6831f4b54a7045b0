// What is in which package, the same for deb and rpm: path in the package -> where it comes from.
//   { file, mode? }    a file of ours          { text, mode? }   a text made here
//   { gzip }           a file, compressed      { link }          a symbolic link
//   { folder, mode }   an empty folder
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { licences } from './licences.mjs'

const DOCS = 'usr/share/doc/drac'
const EXECUTABLE = '../lib/drac/drac-all'

/**
 * The daemon, its commands and its documents.
 * @param built where the executable and the C programs are
 * @param layout `unit`: folder of systemd's units; `zsh`: folder of zsh's completions; `page`: ending of man pages
 */
export function daemonContents(root, built, { unit, zsh }) {
  const at = (...path) => ({ file: join(root, ...path) })
  return {
    'usr/lib/drac/drac-all': { file: join(built, 'drac-all'), mode: 0o755 },
    'usr/lib/drac/sd-notify': { file: join(built, 'sd-notify'), mode: 0o755 },
    'usr/bin/drac': { link: EXECUTABLE },
    'usr/sbin/dracd': { link: EXECUTABLE },
    'usr/sbin/rpc.dracd': { link: EXECUTABLE },
    'usr/sbin/drac-report': { file: join(built, 'drac-report'), mode: 0o755 },
    'etc/drac/dracd.toml': at('conf', 'dracd.toml.sample'),
    [`${unit}/dracd.service`]: at('packaging', 'systemd', 'dracd.service'),
    [`${unit}/dracd.socket`]: at('packaging', 'systemd', 'dracd.socket'),
    'usr/lib/sysusers.d/drac.conf': at('packaging', 'systemd', 'drac.sysusers'),
    'usr/lib/tmpfiles.d/drac.conf': at('packaging', 'systemd', 'drac.tmpfiles'),
    'usr/share/bash-completion/completions/drac': at('packaging', 'completion', 'drac.bash'),
    [`${zsh}/_drac`]: at('packaging', 'completion', '_drac'),
    'usr/share/fish/vendor_completions.d/drac.fish': at('packaging', 'completion', 'drac.fish'),
    ...manPages(root, (page) => !page.endsWith('.3')),
    ...folder(root, 'packaging/systemd/examples', `${DOCS}/examples/dracd.service.d`),
    ...folder(root, 'packaging/grafana', `${DOCS}/examples/grafana`),
    ...folder(root, 'packaging/prometheus', `${DOCS}/examples/prometheus`),
    [`${DOCS}/packages.md`]: at('packaging', 'README.md'),
    ...folder(root, 'integrations', `${DOCS}/integrations`),
    ...folder(root, 'docs', `${DOCS}/docs`),
    [`${DOCS}/LICENSES-of-others.gz`]: { gzip: licences(root) },
    ...Object.fromEntries(['README.md', 'SECURITY.md'].map((name) => [`${DOCS}/${name}`, at(name)])),
  }
}

/** What a mail server that was linked with libdrac needs. @param mode of shared libraries, which rpm wants executable */
export function libraryContents(built, libdir, mode = 0o644) {
  const shared = sharedLibrary(built)
  return {
    [`${libdir}/${shared}`]: { file: join(built, shared), mode },
    [`${libdir}/libdrac.so.1`]: { link: shared },
  }
}

/** What building such a server needs. */
export function developmentContents(root, built, libdir) {
  return {
    'usr/include/drac.h': { file: join(root, 'libdrac', 'drac.h') },
    [`${libdir}/libdrac.a`]: { file: join(built, 'libdrac.a') },
    [`${libdir}/libdrac.so`]: { link: 'libdrac.so.1' },
    [`${libdir}/pkgconfig/libdrac.pc`]: { file: join(built, 'libdrac.pc') },
    ...manPages(root, (page) => page.endsWith('.3')),
    ...Object.fromEntries(
      ['dracconn', 'dracsend', 'dracdisc', 'dracauth6', 'dracconn6', 'dracsend6', 'dracdisc6'].map((name) => [
        `usr/share/man/man3/${name}.3.gz`,
        { link: 'dracauth.3.gz' },
      ]),
    ),
  }
}

const sharedLibrary = (built) => readdirSync(built).find((name) => /^libdrac\.so\.\d+\.\d+\.\d+$/.test(name))

function manPages(root, wanted) {
  const pages = readdirSync(join(root, 'man')).filter((name) => /\.[1358]$/.test(name) && wanted(name))
  return Object.fromEntries(
    pages.map((name) => [
      `usr/share/man/man${name.at(-1)}/${name}.gz`,
      { gzip: readFileSync(join(root, 'man', name)) },
    ]),
  )
}

/** Every file below a folder of the sources but tests. */
function folder(root, from, to) {
  const files = readdirSync(join(root, from), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(join(root, from).length + 1))
    .sort()
  return Object.fromEntries(files.map((file) => [`${to}/${file}`, { file: join(root, from, file) }]))
}
