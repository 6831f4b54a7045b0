// npm run bench: every figure beside a yardstick measured in the same minutes. See bench/README.md.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Bench, type Pace } from './harness/bench.ts'
import { useDaemon } from './harness/dracd.ts'
import { trouble } from './harness/load.ts'
import { buildDaemon, compile } from './harness/programs.ts'
import { reached, type Section, sectionText, wantedText } from './harness/report.ts'
import { adds } from './sections/adds.ts'
import { lookups } from './sections/lookups.ts'
import { map } from './sections/map.ts'
import { restarts } from './sections/restart.ts'
import { sizes } from './sections/sizes.ts'

const SECTIONS: Readonly<Record<string, (bench: Bench) => Promise<Section>>> = {
  adds,
  lookups,
  sizes,
  restart: restarts,
  map,
}
const THOROUGH: Pace = { rounds: 7, seconds: 2 }
const QUICK: Pace = { rounds: 3, seconds: 0.5 }

const USAGE = `usage: npm run bench -- [--quick] [--only NAME[,NAME]] [--json FILE] [--daemon PATH/TO/dracd.ts]
sections: ${Object.keys(SECTIONS).join(', ')}
`

function options() {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string' },
        json: { type: 'string' },
        daemon: { type: 'string' },
      },
    })
    const names = values.only?.split(',') ?? Object.keys(SECTIONS)
    if (names.some((name) => !(name in SECTIONS))) throw new Error(`no such section: ${values.only}`)
    return { ...values, names }
  } catch (error) {
    process.stderr.write(`${String(error)}\n${USAGE}`)
    process.exit(64)
  }
}

async function main(): Promise<void> {
  const { names, quick, json, daemon } = options()
  const cache = resolve(import.meta.dirname, '../.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'bench-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const machine = `${cpus().length} cores, ${cpus()[0]?.model}, Linux ${release()}, Node ${process.versions.node}`
  process.stdout.write(`drac bench, ${new Date().toISOString().slice(0, 10)}, ${machine}\n`)
  const other = loadavg()[0]!
  if (other > 0.5)
    process.stdout.write(
      `Others are at work here (load ${other.toFixed(1)}): what needs the processor looks worse than it is.\n`,
    )
  useDaemon(daemon ?? (await buildDaemon(folder)))
  const bench = new Bench(await compile(folder), folder, quick ? QUICK : THOROUGH)
  const sections: Section[] = []
  for (const name of names) {
    const section = await SECTIONS[name]!(bench)
    sections.push(section)
    process.stdout.write(sectionText(section))
  }
  await bench.close()
  const wanted = sections.flatMap((section) => section.wanted)
  process.stdout.write(`\n== All that issue 2 asks for\n\n${wantedText(wanted)}\n`)
  for (const line of trouble) process.stdout.write(`WRONG: ${line}\n`)
  if (json !== undefined) {
    const figures = wanted.map((one) => ({ ...one, reached: reached(one) }))
    writeFileSync(json, `${JSON.stringify({ machine, figures, trouble, sections }, undefined, 2)}\n`)
  }
  process.exitCode = trouble.length > 0 ? 1 : 0
}

await main()
