// Every command block of docs/, typed as it stands there, in the order of the page.
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { skipping } from '../interop/programs.ts'
import { type Command, isAsExpected, type Step, stepsOf } from './blocks.ts'
import { happen } from './happenings.ts'
import { STAND_INS, type StandIn } from './stand-ins.ts'
import { World } from './world.ts'

const PAGES = readdirSync('docs').filter((name) => name.endsWith('.md'))
const skipped = skipping('test/docs/pages.test.ts', 'postfix', 'postfix-maps', 'dovecot', 'rpcbind')
const used = new Map<StandIn, number>()

async function run(world: World, command: Command, lastStatus: number): Promise<{ code: number; output: string }> {
  for (const standIn of STAND_INS) {
    const match = standIn.command.exec(command.text)
    if (!match) continue
    used.set(standIn, (used.get(standIn) ?? 0) + 1)
    const failed = (error: Error) => ({ code: 1, output: error.message })
    return standIn.instead(world, match).then((output) => ({ code: 0, output }), failed)
  }
  return world.type(command.text, lastStatus)
}

/** Goes on after a surprise: the page is followed once, and tells of all. */
async function follow(world: World, page: string, steps: readonly Step[]): Promise<string[]> {
  const surprises: string[] = []
  for (const step of steps) {
    if (step.kind === 'file') world.write(step.path, step.text, step.append)
    else if (step.kind === 'commands') surprises.push(...(await type(world, page, step.commands)))
    else {
      const error = await happen(world, step.words).catch((reason: Error) => reason)
      if (error) surprises.push(`docs/${page}:${step.line}: ${step.words}: ${error.message}`)
    }
  }
  return surprises
}

async function type(world: World, page: string, commands: readonly Command[]): Promise<string[]> {
  const surprises: string[] = []
  let status = 0
  for (const [i, command] of commands.entries()) {
    const { code, output } = await run(world, command, status)
    const where = `docs/${page}:${command.line}: ${command.text}\n${output}`
    if (!isAsExpected(command.expected, output)) surprises.push(`${where}\nis not\n${command.expected.join('\n')}`)
    if (code !== 0 && commands[i + 1]?.text !== 'echo $?') surprises.push(`${where}\nexit code ${code}`)
    status = code
  }
  return surprises
}

test('there are pages, and each has something to run or to read', () => {
  expect(PAGES).toEqual(expect.arrayContaining(['tutorial.md', 'troubleshooting.md', 'what-it-protects.md']))
  const steps = PAGES.flatMap((page) => stepsOf(page, readFileSync(`docs/${page}`, 'utf8')))
  const commands = steps.flatMap((step) => (step.kind === 'commands' ? step.commands : [])).map(({ text }) => text)
  expect(commands.length).toBeGreaterThan(80)
  for (const { command } of STAND_INS)
    expect(
      commands.some((text) => command.test(text)),
      command.source,
    ).toBe(true)
})

test.skipIf(skipped).concurrent.each(PAGES)('docs/%s does what it says', { timeout: 300_000 }, async (page) => {
  const steps = stepsOf(page, readFileSync(`docs/${page}`, 'utf8'))
  if (steps.length === 0) return
  const world = await World.open()
  try {
    const surprises = await follow(world, page, steps)
    expect(surprises.length, `${surprises.join('\n\n')}\n\n${world.log().slice(-3000)}`).toBe(0)
  } finally {
    await world.close()
  }
})

afterAll(() => {
  for (const [{ command, reason }, times] of used)
    console.warn(`docs: not run, ${times} times: ${command.source}: ${reason}`)
})
