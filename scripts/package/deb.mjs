// The Debian packages: drac, libdrac1 and libdrac-dev.
import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { daemonContents, developmentContents, libraryContents } from './contents.mjs'
import { MACHINES } from './machines.mjs'
import { run } from './run.mjs'
import { listed, stage } from './stage.mjs'

const SCRIPTS = ['postinst', 'prerm', 'postrm']

/** Symbols up to GLIBC_2.34 (what a C program of Debian 12 asks for) and GLIBCXX_3.4.21 (Node.js 26), as objdump -T says. */
const NEEDS = 'libatomic1, libc6 (>= 2.34), libgcc-s1, libstdc++6 (>= 5.2)'

/** The files of one machine. Returns their paths. */
export function buildDebs({ root, built, machine, version, epoch, maintainer, work, output, fast }) {
  const libdir = `usr/lib/${MACHINES[machine].triplet}`
  const about = { root, version, machine, epoch, maintainer, work, output, fast }
  return [
    buildDeb(about, {
      name: 'drac',
      section: 'mail',
      depends: `${NEEDS}, passwd`,
      recommends: 'systemd | systemd-standalone-tmpfiles',
      suggests: 'rpcbind',
      description: [
        "POP-before-SMTP for today's mail servers",
        'dracd remembers for 30 minutes from where users have logged in to a POP or',
        'IMAP server, and tells the mail transfer agent that these addresses may relay:',
        'for old mail clients, scanners and printers that cannot do SMTP AUTH. It takes',
        'the place of rpc.dracd, and answers Postfix, sendmail, Exim and others live.',
      ],
      contents: daemonContents(root, built, {
        unit: 'lib/systemd/system',
        zsh: 'usr/share/zsh/vendor-completions',
      }),
      scripts: SCRIPTS,
      conffiles: ['/etc/drac/dracd.toml'],
    }),
    buildDeb(about, {
      name: 'libdrac1',
      section: 'libs',
      depends: 'libc6 (>= 2.34)',
      description: [
        'library that reports logins to dracd',
        'The C library that POP and IMAP servers with DRAC support are linked with, to',
        'tell dracd, Dynamic Relay Authorization Control, from where a user logged in.',
      ],
      contents: libraryContents(built, libdir),
      control: {
        shlibs: `libdrac 1 libdrac1 (>= ${version})\n`,
        triggers: 'activate-noawait ldconfig\n',
        symbols: symbols(version.split('-')[0]),
      },
    }),
    buildDeb(about, {
      name: 'libdrac-dev',
      section: 'libdevel',
      depends: `libdrac1 (= ${version}), libc6-dev`,
      description: [
        'library that reports logins to dracd (development files)',
        'The header, the static library and the manual of libdrac, for building POP and',
        'IMAP servers with DRAC support.',
      ],
      contents: developmentContents(root, built, libdir),
    }),
  ]
}

function buildDeb(
  about,
  { name, section, depends, recommends, suggests, description, contents, scripts = [], conffiles = [], control = {} },
) {
  const { root, version, machine, epoch, maintainer, work, output, fast } = about
  const tree = join(work, name)
  rmSync(tree, { recursive: true, force: true })
  const deb = join(root, 'packaging', 'deb')
  const docs = `usr/share/doc/${name}`
  stage(tree, { ...contents, ...documents(about, name, docs, deb) }, epoch)
  const files = listed(tree)
  const fields = {
    Package: name,
    Version: version,
    Architecture: machine,
    Maintainer: maintainer,
    'Installed-Size': Math.ceil(files.reduce((sum, file) => sum + lstatSync(join(tree, file)).size, 0) / 1024),
    ...(depends && { Depends: depends }),
    ...(recommends && { Recommends: recommends }),
    ...(suggests && { Suggests: suggests }),
    Section: section,
    Priority: 'optional',
    ...(name !== 'drac' && { 'Multi-Arch': 'same' }),
    Description: description.join('\n '),
  }
  const sums = files
    .filter((file) => lstatSync(join(tree, file)).isFile() && !conffiles.includes(`/${file}`))
    .map(
      (file) =>
        `${createHash('md5')
          .update(readFileSync(join(tree, file)))
          .digest('hex')}  ${file}\n`,
    )
  const text = (value) => ({ text: value })
  stage(
    join(tree, 'DEBIAN'),
    {
      control: text(
        Object.entries(fields)
          .map(([field, value]) => `${field}: ${value}\n`)
          .join(''),
      ),
      md5sums: text(sums.join('')),
      ...(conffiles.length > 0 && { conffiles: text(conffiles.map((file) => `${file}\n`).join('')) }),
      ...Object.fromEntries(Object.entries(control).map(([file, value]) => [file, text(value)])),
      ...Object.fromEntries(scripts.map((script) => [script, { file: join(deb, script), mode: 0o755 }])),
    },
    epoch,
  )
  mkdirSync(output, { recursive: true })
  const path = join(output, `${name}_${version}_${machine}.deb`)
  const compression = fast ? ['-Znone'] : ['-Zxz', '-z6']
  run('dpkg-deb', ['--root-owner-group', ...compression, '--build', tree, path], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch) },
  })
  rmSync(tree, { recursive: true })
  return path
}

function documents({ root, version, epoch, maintainer }, name, docs, deb) {
  const date = new Date(epoch * 1000).toUTCString().replace('GMT', '+0000')
  const entry = `drac (${version}) unstable; urgency=medium\n\n  * This version: see changelog.gz.\n\n -- ${maintainer}  ${date}\n`
  const overrides = join(deb, `${name}.lintian-overrides`)
  return {
    [`${docs}/copyright`]: { file: join(deb, 'copyright') },
    [`${docs}/changelog.Debian.gz`]: { gzip: entry },
    [`${docs}/changelog.gz`]: { gzip: readFileSync(join(root, 'CHANGELOG.md')) },
    ...(statSync(overrides, { throwIfNoEntry: false }) && {
      [`usr/share/lintian/overrides/${name}`]: { file: overrides },
    }),
  }
}

const symbols = (version) =>
  `libdrac.so.1 libdrac1 #MINVER#\n${[
    'dracauth',
    'dracauth6',
    'dracconn',
    'dracconn6',
    'dracdisc',
    'dracdisc6',
    'dracsend',
    'dracsend6',
  ]
    .map((name) => ` ${name}@LIBDRAC_1 ${version}\n`)
    .join('')} LIBDRAC_1@LIBDRAC_1 ${version}\n`
