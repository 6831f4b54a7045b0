// The self-contained executable: dracd, rpc.dracd and drac in one file, told apart by the name they are called by.
import { basename } from 'node:path'
import { EXIT } from './exit.ts'

/** In a single executable argv[1] is the name that it was started by, links unresolved. */
const name = basename(process.argv[1] ?? '')

// Only what the name asks for is loaded: half of the time that drac takes to answer.
if (name === 'drac') void import('./drac.ts').then(({ runDrac }) => runDrac())
else if (/^(rpc\.)?dracd$/.test(name)) void import('./dracd.ts').then(({ runDracd }) => runDracd(process.argv))
else {
  process.stderr.write(`${name}: call me dracd, rpc.dracd or drac: by a link of that name\n`)
  process.exitCode = EXIT.USAGE
}
