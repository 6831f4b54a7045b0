import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { FileTail, type StoredPosition, storedPosition } from './file-tail.ts'

let folder: string
let runs = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drac-tail-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** A log, whoever rotates it, and a follower that is read, stopped and killed: together they say what must have been read. */
class World {
  readonly path = join(mkdtempSync(join(folder, 'run-')), 'mail.log')
  readonly got: string[] = []
  /** As of the last position that was kept. */
  #kept: { position: StoredPosition; lines: number } | undefined
  #tail = new FileTail(this.path, () => 0)
  /** The text of each file that ever was the log, oldest first; the last is the log. */
  readonly #texts: string[] = ['']
  readonly #copies = new Set<number>()
  #n = 0

  append(text: string, generation = this.#texts.length - 1): void {
    this.#texts[generation] += text
    appendFileSync(this.nameOf(generation), text)
  }
  line(): string {
    return `line ${this.#n++} of ${runs}\n`
  }
  /** Only while it is still called so: the two before the log. */
  nameOf(generation: number): string {
    const back = this.#texts.length - 1 - generation
    return back === 0 ? this.path : `${this.path}.${back}`
  }
  #shift(): void {
    for (let i = 9; i > 0; i--)
      if (existsSync(`${this.path}.${i}`)) renameSync(`${this.path}.${i}`, `${this.path}.${i + 1}`)
    this.#texts.push('')
  }
  rename(): void {
    if (!existsSync(this.path)) return
    this.#shift()
    renameSync(this.path, `${this.path}.1`)
  }
  create(): void {
    appendFileSync(this.path, '')
  }
  copytruncate(): void {
    if (!existsSync(this.path)) return
    const last = this.#texts.length - 1
    this.#copies.add(last)
    this.#shift()
    copyFileSync(this.path, `${this.path}.1`)
    truncateSync(this.path)
  }
  late(back: number): void {
    const generation = this.#texts.length - 1 - back
    if (generation >= 0 && !this.#copies.has(generation) && existsSync(this.nameOf(generation)))
      this.append(this.line(), generation)
  }
  async read(): Promise<void> {
    for await (const { lines, position } of this.#tail.drain()) {
      this.got.push(...lines)
      if (this.#n % 2) this.#keep(storedPosition(position))
    }
  }
  #keep(position: StoredPosition): void {
    this.#kept = { position: JSON.parse(JSON.stringify(position)) as StoredPosition, lines: this.got.length }
  }
  /** @param clean stopped, else killed: what was read since the position was kept counts as never read */
  async restart(clean: boolean): Promise<void> {
    if (clean) this.#keep(storedPosition(this.#tail.position))
    await this.#tail.close()
    await sleep(25)
    this.#tail = new FileTail(this.path, () => 0)
    this.got.length = this.#kept?.lines ?? 0
    if (this.#kept) await this.#tail.resume(this.#kept.position)
  }
  async close(): Promise<void> {
    await this.#tail.close()
  }
  /** Every whole line, in the order of each file. */
  get expected(): string[] {
    return this.#texts.flatMap((text) => text.split('\n').slice(0, -1))
  }
}

const operation = fc.oneof(
  { weight: 5, arbitrary: fc.constant('line' as const) },
  { weight: 5, arbitrary: fc.constant('read' as const) },
  { weight: 2, arbitrary: fc.constant('part' as const) },
  { weight: 1, arbitrary: fc.constantFrom('rename', 'rename and create', 'copytruncate', 'late', 'later') },
  { weight: 1, arbitrary: fc.constantFrom('stop', 'kill') },
)

test('whatever is rotated how, and however the follower is stopped or killed: every line once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 40 }), async (operations) => {
      runs++
      const world = new World()
      await world.read()
      for (const each of operations) {
        if (each === 'line') world.append(world.line())
        else if (each === 'part') world.append('part of ')
        else if (each === 'read') await world.read()
        else if (each === 'rename') world.rename()
        else if (each === 'rename and create') {
          world.rename()
          world.create()
        } else if (each === 'copytruncate') world.copytruncate()
        else if (each === 'late') world.late(1)
        else if (each === 'later') world.late(2)
        else await world.restart(each === 'stop')
      }
      await world.read()
      await world.close()
      expect(world.got.toSorted()).toEqual(world.expected.toSorted())
    }),
    { numRuns: Number(process.env.DRAC_TAIL_RUNS ?? 60) },
  )
})

describe('without a model', () => {
  let path: string
  let tail: FileTail
  beforeEach(() => {
    path = join(mkdtempSync(join(folder, 'one-')), 'mail.log')
    tail = new FileTail(path, () => 0)
  })
  afterEach(() => tail.close())
  async function read(from = tail): Promise<string[]> {
    const got: string[] = []
    for await (const { lines } of from.drain()) got.push(...lines)
    return got
  }

  test('a link that is moved to a new file each day, and back', async () => {
    const [monday, tuesday] = [`${path}-monday`, `${path}-tuesday`]
    const point = (to: string): void => {
      symlinkSync(to, `${path}.new`)
      renameSync(`${path}.new`, path)
    }
    appendFileSync(monday, 'a\n')
    point(monday)
    expect(await read()).toEqual(['a'])
    appendFileSync(monday, 'b\n')
    appendFileSync(tuesday, 'c\n')
    point(tuesday)
    expect(await read()).toEqual(['b', 'c'])
    appendFileSync(monday, 'late\n')
    expect(await read()).toEqual(['late'])
    point(monday)
    appendFileSync(monday, 'd\n')
    appendFileSync(tuesday, 'late, too\n')
    expect((await read()).toSorted()).toEqual(['d', 'late, too'])
  })

  test('a copy that is brought anew with more in it, as rsync does, is read on', async () => {
    appendFileSync(path, 'a\nb\n')
    expect(await read()).toEqual(['a', 'b'])
    appendFileSync(`${path}.tmp`, 'a\nb\nc\n')
    renameSync(`${path}.tmp`, path)
    expect(await read()).toEqual(['c'])
  })

  test('deleted: what is still written to it is read, and then its successor', async () => {
    const fd = openSync(path, 'a')
    writeSync(fd, 'a\n')
    expect(await read()).toEqual(['a'])
    rmSync(path)
    writeSync(fd, 'b\n')
    expect(await read()).toEqual(['b'])
    expect(tail.waiting).toBe(true)
    appendFileSync(path, 'c\n')
    writeSync(fd, 'd\n')
    closeSync(fd)
    expect(await read()).toEqual(['d', 'c'])
    expect(tail.waiting).toBe(false)
  })

  test('a writer that goes on at its old offset after the file was cut leaves a hole, which is no line', async () => {
    const fd = openSync(path, 'w')
    writeSync(fd, 'a\n'.repeat(50_000))
    expect(await read()).toHaveLength(50_000)
    copyFileSync(path, `${path}.1`)
    truncateSync(path)
    writeSync(fd, 'b\n')
    closeSync(fd)
    expect(await read()).toEqual(['b'])
  })

  test('from the end: not even the rest of the line that is being written', async () => {
    appendFileSync(path, 'a\nb')
    tail.startAtEnd()
    expect(await read()).toEqual([])
    appendFileSync(path, 'b\nc\n')
    expect(await read()).toEqual(['c'])
  })

  test('from the end of a log that is not there: all of it', async () => {
    tail.startAtEnd()
    expect(await read()).toEqual([])
    appendFileSync(path, 'a\n')
    expect(await read()).toEqual(['a'])
  })

  test('what cannot be found after a restart is told', async () => {
    appendFileSync(path, 'a\n')
    await read()
    const position = storedPosition(tail.position)
    rmSync(path)
    appendFileSync(path, 'another file\n')
    const next = new FileTail(path, () => 0)
    expect(await next.resume(position)).toEqual([path])
    expect(await read(next)).toEqual(['another file'])
    await next.close()
  })

  test('a FIFO is no log, and is not waited for', async () => {
    execFileSync('mkfifo', [path])
    await expect(read()).rejects.toThrow('is not a file')
  })
})
