// npm start: the daemon in the foreground with everything in the user's own folders, and what to try next.
import { build } from './build.mjs'

const status = build({ ifStale: true })
if (status !== 0) process.exit(status)
const { tryOut } = await import('../dist/bin/try-out.js')
await tryOut(process.argv.slice(2))
