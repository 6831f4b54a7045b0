// What every command of drac shares: where the daemon is, how to print, how to fail.
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { type ControlReply, controlRequest } from '../../client/control.ts'
import { defaultControlPaths } from '../../daemon/control-path.ts'
import { malformed } from '../../lib/errors.ts'

export interface CommonOptions {
  readonly json?: true
  readonly control?: string
}

/** Adds what every command understands. */
export const common = (command: Command): Command =>
  command.option('--json', 'print JSON').option('--control <endpoint>', 'the control socket of dracd, unix:PATH')

/** The socket that was named, else the first default that exists. */
export function controlPath({ control = process.env.DRAC_CONTROL }: CommonOptions): string {
  if (control) {
    const path = control.replace(/^unix:/, '')
    if (!path.startsWith('/'))
      throw malformed('DRAC_USAGE', `--control takes unix:PATH with an absolute path, not ${JSON.stringify(control)}`)
    return path
  }
  const paths = defaultControlPaths()
  return paths.find((path) => existsSync(path)) ?? paths[0]!
}

export const ask = (
  options: CommonOptions,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
): Promise<ControlReply> => controlRequest(controlPath(options), method, path, body)

/** One JSON document, or lines for people. */
export function print(options: CommonOptions, value: unknown, lines: () => readonly string[]): void {
  process.stdout.write(
    options.json
      ? `${JSON.stringify(value)}\n`
      : lines()
          .map((line) => `${line}\n`)
          .join(''),
  )
}
