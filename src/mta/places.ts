// Where one MTA's configuration and programs stand: by default as its distribution has them, or below another root.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'

export interface PlaceOptions {
  /** Everything is looked for below this folder; default /. */
  readonly root?: string | undefined
  /** The configuration file, in place of the default. */
  readonly file?: string | undefined
  /** The program that checks the configuration, in place of the default. */
  readonly program?: string | undefined
}

export class Places {
  readonly root: string
  readonly #file: string | undefined
  readonly #program: string | undefined

  constructor({ root = '/', file, program }: PlaceOptions = {}) {
    this.root = root
    this.#file = file
    this.#program = program
  }

  /** The configuration file: the named one, else the first default that exists, else the first default. */
  file(...defaults: readonly string[]): string {
    if (this.#file !== undefined) return this.#file
    const paths = defaults.map((path) => this.below(path))
    return paths.find((path) => existsSync(path)) ?? paths[0]!
  }

  /** The checker; undefined when there is none. */
  program(...defaults: readonly string[]): string | undefined {
    if (this.#program !== undefined) return this.#program
    return defaults.map((path) => this.below(path)).find((path) => existsSync(path))
  }

  /** An absolute path as the MTA knows it, where it is for us. */
  below(path: string): string {
    return this.root === '/' || !isAbsolute(path) ? path : join(this.root, path)
  }

  /** A file's text; undefined when there is none. */
  read(path: string): string | undefined {
    return existsSync(path) && statSync(path).isFile() ? readFileSync(path, 'utf8') : undefined
  }
}
