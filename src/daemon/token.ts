// The tokens that open the HTTP endpoint.
import { readFileSync, statSync } from 'node:fs'
import { configError, type DracError, messageOf } from '../lib/errors.ts'
import type { Settings } from './settings/schema.ts'

/** Empty: there is none, and it opens nothing. */
export interface Tokens {
  /** Opens everything. */
  readonly admin: string
  /** Opens reports alone. */
  readonly report: string
}

const MIN_TOKEN = 16

/**
 * The tokens in token_file and report_token_file, without white space around them. Throws `config` when there is none
 * where one is needed, when one is short, or when every user of this host can read it.
 */
export function readTokens({ listen, token_file, report_token_file }: Settings['http']): Tokens {
  const tokens = { admin: read('token_file', token_file), report: read('report_token_file', report_token_file) }
  const needed = listen.some(({ transport }) => transport !== 'unix')
  if (!needed || tokens.admin || tokens.report) return tokens
  const cure = '"openssl rand -hex 24" makes a token to put into a file'
  throw wrong('token_file', '', `is needed to listen on a port, or report_token_file for reports alone; ${cure}`)
}

const wrong = (name: string, path: string, why: string, cause?: unknown): DracError =>
  configError('DRAC_TOKEN', `http.${name}${path && ` ${path}`}: ${why}`, cause)

function read(name: string, path: string): string {
  if (path === '') return ''
  let token: string
  try {
    token = readFileSync(path, 'utf8').trim()
    if ((statSync(path).mode & 0o007) !== 0)
      throw wrong(name, path, `every user of this host may read it; chmod 640 ${path}`)
  } catch (error) {
    if ((error as { code?: string }).code === 'DRAC_TOKEN') throw error
    throw wrong(name, path, `cannot be read: ${messageOf(error)}`, error)
  }
  if (/\s/.test(token) || token.length < MIN_TOKEN) {
    const cure = `one line of at least ${MIN_TOKEN} characters, as "openssl rand -hex 24" makes`
    throw wrong(name, path, `holds no token; ${cure}`)
  }
  return token
}
