// Makes available what the interoperability tests run: a C compiler and rpcgen from the distribution, and real mail
// servers unpacked (not installed: they conflict with one another and would start) under .cache/interop/NAME.
// On Debian as root it installs, and a failure is an error; elsewhere it says what will be skipped and exits 0.
// Needs Node.js >= 18. Under a second when everything is there.
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const cache = join(root, '.cache', 'interop')

/** Programs that may simply be installed: they start nothing and conflict with nothing. */
const INSTALL = [
  { files: ['bin/gcc'], packages: ['gcc', 'libc6-dev'], for: 'the C client' },
  { files: ['include/rpc/types.h', 'include/tirpc/rpc/rpc.h'], packages: ['libtirpc-dev'], for: 'the C client' },
  { files: ['bin/rpcgen'], packages: ['rpcsvc-proto'], for: 'the C client' },
  { files: ['bin/db5.3_load'], packages: ['db5.3-util'], for: 'Berkeley DB maps' },
  { files: ['bin/sqlite3'], packages: ['sqlite3'], for: "SQLite as the mail servers' maps read it" },
  { files: ['sbin/ip', 'bin/ip'], packages: ['iproute2'], for: 'everything in a network namespace' },
  { files: ['bin/unshare'], packages: ['util-linux'], for: 'everything in a network namespace' },
  { files: ['bin/m4'], packages: ['m4'], for: 'sendmail' },
  { files: ['bin/make'], packages: ['make'], for: 'libdrac' },
  { files: ['bin/mandoc'], packages: ['mandoc'], for: 'the man pages' },
  { files: ['bin/curl'], packages: ['curl'], for: 'the commands of docs/' },
  { files: ['bin/openssl'], packages: ['openssl'], for: 'POP and IMAP over TLS, and the commands of docs/' },
  { files: ['bin/g++'], packages: ['g++'], for: 'libdrac from C++' },
  { files: ['bin/valgrind'], packages: ['valgrind'], for: 'libdrac under valgrind' },
  { files: ['bin/clang'], packages: ['clang'], for: 'libdrac with clang' },
  {
    files: ['lib/llvm-14/lib/clang/14.0.6/lib/linux'],
    packages: ['libclang-rt-14-dev'],
    for: 'libdrac under libFuzzer',
  },
  { files: ['bin/musl-gcc'], packages: ['musl-tools'], for: 'libdrac with musl' },
  { files: ['include/security/pam_modules.h'], packages: ['libpam0g-dev'], for: 'PAM' },
  { files: ['bin/chromium'], packages: ['chromium'], for: 'the status page' },
  { files: ['bin/pamtester'], packages: ['pamtester'], for: 'PAM' },
  { files: ['sbin/debootstrap'], packages: ['debootstrap'], for: 'installing the Debian package' },
  { files: ['bin/rpmbuild'], packages: ['rpm'], for: 'the RPM packages' },
  { files: ['bin/lintian'], packages: ['lintian'], for: "Debian's rules for packages" },
  { files: ['bin/rpmlint'], packages: ['rpmlint'], for: 'the rules for RPM packages' },
  { files: ['bin/shellcheck'], packages: ['shellcheck'], for: "the packages' shell scripts" },
]

/** Servers, unpacked beside one another. `needs` is a file by which an unpacked folder is known to be whole. */
const UNPACK = [
  {
    name: 'sendmail',
    packages: ['sendmail-bin', 'sendmail-base', 'sendmail-cf'],
    needs: 'usr/libexec/sendmail/sendmail',
  },
  { name: 'postfix', packages: ['postfix'], needs: 'usr/lib/postfix/sbin/smtpd' },
  // Apart from postfix: each brings a postfix-*.so and the libraries it needs.
  {
    name: 'postfix-maps',
    packages: ['postfix-sqlite', 'postfix-cdb', 'postfix-lmdb'],
    needs: 'usr/lib/postfix/postfix-sqlite.so',
  },
  { name: 'exim', packages: ['exim4-daemon-heavy', 'exim4-base'], needs: 'usr/sbin/exim4' },
  { name: 'opensmtpd', packages: ['opensmtpd', 'opensmtpd-extras'], needs: 'usr/libexec/opensmtpd/table-sqlite' },
  { name: 'ucspi-tcp', packages: ['ucspi-tcp'], needs: 'usr/bin/tcpserver' },
  { name: 'ucspi-tcp-ipv6', packages: ['ucspi-tcp-ipv6'], needs: 'usr/bin/tcpserver' },
  { name: 'tinycdb', packages: ['tinycdb'], needs: 'usr/bin/cdb' },
  {
    name: 'dovecot',
    packages: ['dovecot-core', 'dovecot-imapd', 'dovecot-pop3d'],
    needs: 'usr/lib/dovecot/pop3-login',
  },
  { name: 'prometheus', packages: ['prometheus'], needs: 'usr/bin/promtool' },
  { name: 'rpcbind', packages: ['rpcbind'], needs: 'sbin/rpcbind' },
  { name: 'logrotate', packages: ['logrotate'], needs: 'usr/sbin/logrotate' },
  // Makes journal files out of texts, without a journald.
  {
    name: 'systemd-journal-remote',
    packages: ['systemd-journal-remote'],
    needs: 'lib/systemd/systemd-journal-remote',
  },
  { name: 'rsyslog', packages: ['rsyslog'], needs: 'usr/sbin/rsyslogd' },
  {
    name: 'courier',
    packages: [
      'courier-imap',
      'courier-pop',
      'courier-base',
      'courier-authdaemon',
      'courier-authlib',
      'courier-authlib-userdb',
    ],
    needs: 'usr/lib/courier/courier/courierpop3d',
  },
  { name: 'popa3d', packages: ['popa3d'], needs: 'usr/sbin/popa3d' },
  { name: 'solid-pop3d', packages: ['solid-pop3d'], needs: 'usr/sbin/solid-pop3d' },
  { name: 'perdition', packages: ['perdition'], needs: 'usr/sbin/perdition' },
  // saslpasswd2, which makes Cyrus' users, is in sasl2-bin.
  {
    name: 'cyrus',
    packages: ['cyrus-imapd', 'cyrus-pop3d', 'cyrus-common', 'sasl2-bin'],
    needs: 'usr/lib/cyrus/bin/imapd',
  },
]

/** A bare system without Node.js, and what the package drac depends on besides. */
const DEBIAN = {
  name: 'debian12',
  packages: ['debootstrap', 'minbase', 'libatomic1'],
  needs: 'usr/bin/dpkg',
  for: 'installing the Debian package',
}

const installed = ({ files }) => files.some((file) => existsSync(join('/usr', file)) || existsSync(join('/', file)))
const stamp = ({ name }) => join(cache, name, '.packages')
const unpacked = (server) =>
  existsSync(stamp(server)) && readFileSync(stamp(server), 'utf8') === `${server.packages.join(' ')}\n`

function run(command, args, options = {}) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', env, ...options })
  return { ok: !error && status === 0, stdout: stdout ?? '', text: error ? error.message : `${stderr}${stdout}`.trim() }
}

const APT = ['-q', '-o', 'DPkg::Lock::Timeout=300', '-o', 'APT::Sandbox::User=root']
let updated = false

function update() {
  updated = true
  const { ok, text } = run('apt-get', [...APT, 'update'])
  if (!ok) fail('apt-get update', text)
}

/** One retry after "apt-get update": package lists may be missing, or older than what the mirror still has. */
function apt(args, options) {
  let result = run('apt-get', [...APT, ...args], options)
  if (!result.ok && !updated) {
    update()
    result = run('apt-get', [...APT, ...args], options)
  }
  if (!result.ok) fail(`apt-get ${args.join(' ')}`, result.text)
}

function fail(what, text) {
  const lines = text.split('\n')
  console.error(`interop: ${what} failed: ${lines.find((line) => line.startsWith('E: ')) ?? lines.at(-1)}`)
  process.exit(1)
}

/** Another release of Debian may lack a package: its tests are skipped then, the others run. */
function available({ packages, for: what }) {
  const known = () => packages.every((name) => run('apt-cache', ['show', name]).ok)
  if (known()) return true
  if (!updated) update()
  if (known()) return true
  console.error(`interop: this release has no ${packages.join(', ')}: tests of ${what ?? packages[0]} will be skipped`)
  return false
}

function install(packages) {
  if (packages.length === 0) return
  console.error(`interop: installing ${packages.join(' ')}`)
  apt(['install', '-y', '--no-install-recommends', ...packages])
}

/** The shared libraries that unpacked packages name in Depends and this machine lacks; libraries start nothing. */
function missingLibraries(debs) {
  const depends = debs.map((deb) => run('dpkg-deb', ['-f', deb, 'Depends']).stdout).join(',')
  const names = depends.split(',').map((entry) => entry.split('|')[0].trim().split(/[ :]/)[0])
  const libraries = [...new Set(names.filter((name) => /^lib(?!c6$|js-)/.test(name)))]
  return libraries.filter((name) => !run('dpkg', ['-s', name]).stdout.includes('Status: install ok installed'))
}

function unpackDebs(work, tree, { packages }) {
  apt(['download', ...packages], { cwd: work })
  const debs = readdirSync(work).map((file) => join(work, file))
  install(missingLibraries(debs))
  for (const deb of debs) {
    const { ok, text } = run('dpkg-deb', ['-x', deb, tree])
    if (!ok) fail(`dpkg-deb -x ${deb}`, text)
  }
}

/** @param fill makes the tree in a folder to work in */
function unpack(server, fill = unpackDebs) {
  console.error(`interop: unpacking ${server.packages.join(' ')} into .cache/interop/${server.name}`)
  mkdirSync(cache, { recursive: true })
  const work = mkdtempSync(join(cache, '.part-'))
  process.once('exit', () => rmSync(work, { recursive: true, force: true }))
  const tree = join(work, 'tree')
  fill(work, tree, server)
  if (!existsSync(join(tree, server.needs))) fail(`unpacking ${server.name}`, `no ${server.needs} in it`)
  writeFileSync(join(tree, '.packages'), `${server.packages.join(' ')}\n`)
  rmSync(join(cache, server.name), { recursive: true, force: true })
  renameSync(tree, join(cache, server.name))
}

/** From the mirror that this machine's apt uses. */
function debootstrap(work, tree) {
  const [mirror] = run('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Codename: bookworm']).stdout.split('\n')
  const args = ['--variant=minbase', '--include=libatomic1', 'bookworm', tree, ...(mirror ? [mirror] : [])]
  const { ok, text } = run('debootstrap', args, { cwd: work })
  if (!ok) fail('debootstrap', text)
  for (const folder of ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/locale'])
    rmSync(join(tree, folder), { recursive: true, force: true })
}

const toInstall = INSTALL.filter((group) => !installed(group))
const toUnpack = UNPACK.filter((server) => !unpacked(server))
const debian = process.platform === 'linux' && existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get')
if (debian && process.getuid() === 0) {
  install(toInstall.filter(available).flatMap(({ packages }) => packages))
  for (const server of toUnpack.filter(available)) unpack(server)
  if (!unpacked(DEBIAN) && existsSync('/usr/sbin/debootstrap')) unpack(DEBIAN, debootstrap)
} else {
  const cure = debian ? 'npm test as root runs them' : 'npm test as root on Debian runs them'
  for (const { packages, for: what } of toInstall)
    console.error(`interop: no ${packages.join(', ')}: tests of ${what} will be skipped; ${cure}`)
  for (const { name } of [...toUnpack, ...(unpacked(DEBIAN) ? [] : [DEBIAN])])
    console.error(`interop: no ${name}: its tests will be skipped; ${cure}`)
}
