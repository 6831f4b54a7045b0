// A bare Debian 12 without Node.js, in a namespace: the packages are installed and run there.
import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { ENV, type Namespace } from '../interop/namespace.ts'

/** Says that every unit is enabled, and writes down what it was asked. */
const SYSTEMCTL = '#!/bin/sh\necho "$@" >> /var/log/systemctl\ncase $* in *is-enabled*) echo enabled ;; esac\n'

/** Written by dpkg and the like, whatever is installed. */
const NOBODYS =
  /^(var\/(lib\/(dpkg|rpm|systemd\/deb-systemd-helper-[^/]*$)|log|cache)|proc|tmp)\/|^etc\/(passwd-|group-|shadow-|gshadow-|subuid-|subgid-|\.pwd\.lock|ld\.so\.cache)/

export class Debian {
  readonly root: string
  readonly #namespace: Namespace

  private constructor(namespace: Namespace) {
    this.#namespace = namespace
    this.root = join(namespace.folder, 'debian')
  }

  /** A copy of what scripts/setup-interop.mjs made, with a systemctl that does nothing but write down what it was asked. */
  static open(namespace: Namespace): Debian {
    const debian = new Debian(namespace)
    execFileSync('cp', ['-a', '.cache/interop/debian12', debian.root])
    namespace.exec('mount', ['-t', 'proc', 'proc', join(debian.root, 'proc')])
    mkdirSync(join(debian.root, 'run/systemd/system'), { recursive: true })
    writeFileSync(join(debian.root, 'usr/bin/systemctl'), SYSTEMCTL)
    chmodSync(join(debian.root, 'usr/bin/systemctl'), 0o755)
    return debian
  }

  exec(command: string, ...args: readonly string[]): string {
    return this.#namespace.exec('chroot', [this.root, command, ...args])
  }

  try(command: string, ...args: readonly string[]) {
    return this.#namespace.try('chroot', [this.root, command, ...args])
  }

  spawn(user: string, command: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const args = [`--userspec=${user}`, this.root, ...command]
    return this.#namespace.spawn('chroot', args, { ...options, env: { ...ENV, ...options.env } })
  }

  /** @param packages paths outside */
  install(...packages: readonly string[]): string {
    const inside = packages.map((path) => {
      copyFileSync(path, join(this.root, 'tmp', basename(path)))
      return join('/tmp', basename(path))
    })
    return this.exec('dpkg', '--install', ...inside)
  }

  /** What the maintainer scripts have asked systemctl since this was called last. */
  asked(): string[] {
    const log = join(this.root, 'var/log/systemctl')
    const lines = existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : []
    writeFileSync(log, '')
    return lines
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8')
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.root, path), text)
  }

  /** Files, links and sockets, without what a package manager keeps for itself. */
  files(): string[] {
    return this.#find('!', '-type', 'd').filter((path) => !NOBODYS.test(path))
  }

  /** Whose name has drac in it. */
  folders(): string[] {
    return this.#find('-type', 'd', '-name', '*drac*')
  }

  #find(...tests: readonly string[]): string[] {
    const found = this.#namespace.exec('find', [this.root, '-xdev', ...tests, '-printf', '%P\\n'])
    return found
      .split('\n')
      .filter((path) => path !== '')
      .sort()
  }
}
