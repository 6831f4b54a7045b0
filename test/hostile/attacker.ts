// A child process that attacks: ports as JSON, then names of attacks.
import { ATTACKS, type Attack, type Ports } from './attacks.ts'

const [, , ports, ...names] = process.argv
for (const name of names) ATTACKS[name as Attack](JSON.parse(ports!) as Ports)
process.on('disconnect', () => process.exit())
process.send!('at it')
