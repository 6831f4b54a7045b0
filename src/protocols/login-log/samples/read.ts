// Reads the sample files, for tests.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Sample {
  readonly file: string
  readonly line: string
  /** `login 192.0.2.10 alice`, `end`, `none`. */
  readonly expect: string
  readonly source: string
  /** What an attacker would want of the line. */
  readonly hostile: string | undefined
}

const FOLDER = import.meta.dirname

/** By file name without its end: the server, or `none`. */
export function samplesByFile(): Map<string, Sample[]> {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'))
  return new Map(names.map((name) => [name.slice(0, -4), parse(name, readFileSync(join(FOLDER, name), 'utf8'))]))
}

/** Lines that real servers wrote, whole files, with what each must yield. */
export function captured(): { file: string; number: number; line: string; expect: string }[] {
  const lines = (file: string): string[] => readFileSync(join(FOLDER, 'captured', file), 'utf8').split('\n')
  return lines('EXPECT.tsv')
    .filter((row) => row !== '' && !row.startsWith('#'))
    .map((row) => {
      const [file, number, kind, address] = row.split('\t') as [string, string, string, string]
      return { file, number: Number(number), line: lines(file)[Number(number) - 1]!, expect: `${kind} ${address}` }
    })
}

function parse(file: string, text: string): Sample[] {
  const samples: Sample[] = []
  let [source, expect, hostile]: (string | undefined)[] = []
  for (const line of text.split('\n')) {
    const [, key, value] = /^# (source|expect|hostile): (.*)$/.exec(line) ?? []
    if (key === 'source') source = value
    else if (key === 'expect') expect = value
    else if (key === 'hostile') hostile = value
    else if (line !== '' && !line.startsWith('# ')) {
      if (expect === undefined || source === undefined) throw new Error(`${file}: no expect or source above ${line}`)
      samples.push({ file, line, expect, source, hostile })
      expect = hostile = undefined
    }
  }
  return samples
}
