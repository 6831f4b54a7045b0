// node bench/hostile.ts [seconds]: how long a good client waits beside each kind of hostile peer. Wanted: p99 under 50 ms.
import { ATTACKS, type Attack } from '../test/hostile/attacks.ts'
import { at } from '../test/hostile/good-client.ts'
import { lines, Siege } from '../test/hostile/siege.ts'

const WANTED_MS = 50
const seconds = Number(process.argv[2] ?? 5)
const attacks = Object.keys(ATTACKS) as Attack[]
const siege = await Siege.begin()
let worst = 0
for (const together of [[], ...attacks.map((attack) => [attack]), attacks]) {
  const name = together.length === 0 ? 'nobody' : together.length === 1 ? together[0] : 'all of them at once'
  const outcome = await siege.withstand(together, seconds * 1_000)
  const p99 = Math.max(...Object.values(outcome.latencies).map((all) => at(0.99, all)))
  worst = Math.max(worst, p99)
  console.log(`beside ${name}: ${outcome.wrong.length} unanswered, memory ${outcome.growth.toFixed(1)} MB more`)
  for (const line of lines(outcome)) console.log(`  ${line}`)
}
console.log(`worst p99 ${worst.toFixed(1)} ms; wanted: under ${WANTED_MS} ms`)
siege.end()
