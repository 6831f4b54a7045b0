// libdrac, drac-report and sd-notify, made by the tools of one machine, stripped.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './run.mjs'

/** Hardened, without paths of the machine that builds; Debian's compilers make position independent programs. */
const flags = (root) => `-O2 -g -D_FORTIFY_SOURCE=2 -ffile-prefix-map=${root}=.`
const SENDER = ['-fstack-protector-strong', '-Wl,-z,relro', '-Wl,-z,now']

/** Builds into `folder`: libdrac.a, libdrac.so.VERSION, libdrac.pc, drac-report, sd-notify. */
export function buildC(root, { STRIP, ...tools }, folder, libdir) {
  mkdirSync(folder, { recursive: true })
  const settings = Object.entries(tools).map(([name, tool]) => `${name}=${tool}`)
  const library = [
    'all',
    `O=${folder}`,
    'PREFIX=/usr',
    `LIBDIR=${libdir}`,
    `CFLAGS=${flags(root)}`,
    'LDFLAGS=-Wl,--hash-style=both',
  ]
  run('make', ['-s', '-C', join(root, 'libdrac'), ...settings, ...library])
  const source = join(root, 'packaging', 'systemd', 'sd-notify.c')
  run(tools.CC, [...flags(root).split(' '), ...SENDER, '-o', join(folder, 'sd-notify'), source])
  run(STRIP, ['--strip-unneeded', '--remove-section=.comment', '--remove-section=.note', join(folder, 'sd-notify')])
  run(STRIP, ['--strip-unneeded', join(folder, 'libdrac.so')])
  run(STRIP, ['--strip-debug', '--enable-deterministic-archives', join(folder, 'libdrac.a')])
}
