import { readFileSync, statSync } from 'node:fs'
import { configError, messageOf } from '../lib/errors.ts'
import type { Settings } from './settings/schema.ts'

const MIN_TOKEN = 16

/**
 * The token in token_file, without white space around it; empty when no token is needed. Throws `config` when there is
 * none where one is needed, when it is short, or when every user of this host can read it.
 */
export function readToken({ listen, token_file: path }: Settings['http']): string {
  if (path === '' && listen.every(({ transport }) => transport === 'unix')) return ''
  const wrong = (why: string, cause?: unknown) =>
    configError('DRAC_TOKEN', `http.token_file${path && ` ${path}`}: ${why}`, cause)
  if (path === '') throw wrong('is needed to listen on a port; "openssl rand -hex 24" makes a token to put into a file')
  let token: string
  try {
    token = readFileSync(path, 'utf8').trim()
    if ((statSync(path).mode & 0o007) !== 0) throw wrong(`every user of this host may read it; chmod 640 ${path}`)
  } catch (error) {
    if ((error as { code?: string }).code === 'DRAC_TOKEN') throw error
    throw wrong(`cannot be read: ${messageOf(error)}`, error)
  }
  if (/\s/.test(token) || token.length < MIN_TOKEN)
    throw wrong(`holds no token; one line of at least ${MIN_TOKEN} characters, as "openssl rand -hex 24" makes`)
  return token
}
