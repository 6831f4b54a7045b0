import { readFileSync } from 'node:fs'
import { getAsset, isSea } from 'node:sea'

const packageJson = isSea()
  ? getAsset('package.json', 'utf8')
  : readFileSync(new URL('../../package.json', import.meta.url), 'utf8')

/** As package.json says, from src/, from dist/ and from a single executable alike. */
export const VERSION: string = JSON.parse(packageJson).version
