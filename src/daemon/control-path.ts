// Where a dracd that was started with default settings has its control socket.
import { join } from 'node:path'
import { formatEndpoint } from '../net/endpoint.ts'
import { readSettings } from './settings/read.ts'
import { defaultStateDirectory } from './settings/table.ts'

/** The one that the settings file names, root's, then this user's own. */
export function defaultControlPaths(): string[] {
  return [...new Set([...fromSettings(), '/run/drac/control.sock', join(defaultUserState(), 'control.sock')])]
}

/** `npm start` keeps its state here even for root. */
export const defaultUserState = (): string => defaultStateDirectory(process.env, false)

function fromSettings(): string[] {
  try {
    return [formatEndpoint(readSettings({}).settings.control).replace(/^unix:/, '')]
  } catch {
    return [] // not readable for this user, or wrong: dracd --check says what is
  }
}
