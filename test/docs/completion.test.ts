// Shell completion, in the shells themselves where they are.
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

const run = (shell: string, script: string): string => {
  const { status, stdout, stderr } = spawnSync(shell, ['-c', script], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  return stdout
}
const lacks = (shell: string): boolean => {
  const missing = spawnSync(shell, ['-c', 'true']).error !== undefined
  if (missing) console.warn(`skipped: test/docs/completion.test.ts: no ${shell}`)
  return missing
}
const bash = (...words: string[]): string[] =>
  run(
    'bash',
    `source packaging/completion/drac.bash; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}) COMP_CWORD=${words.length - 1}; _drac; printf '%s\\n' "\${COMPREPLY[@]}"`,
  )
    .trim()
    .split('\n')

test.skipIf(lacks('bash')).each([
  [['drac', 'che'], ['check']],
  [['drac', 'setup', 'post'], ['postfix']],
  [['drac', 'setup', '--vi'], ['--via']],
  [['drac', 'check', '--mta', 'ex'], ['exim']],
  [['drac', 'config', 'max_l'], ['max_lifetime']],
  [['drac', 'config', '--config', 'man/dracd.t'], ['man/dracd.toml.5']],
  [['drac', 'permit', '--for', ''], ['']],
  [['drac', 'logs', 'te'], ['test']],
  [['drac', 'logs', 'test', 'man/dracd.t'], ['man/dracd.toml.5']],
])('bash: %j', (words, expected) => {
  expect(bash(...words)).toEqual(expected)
})

test.skipIf(lacks('fish'))('fish', () => {
  const ask = (line: string): string[] =>
    run('fish', `source packaging/completion/drac.fish; complete -C '${line}'`)
      .trim()
      .split('\n')
      .map((each) => each.split('\t')[0]!)
  expect(ask('drac che')).toEqual(['check'])
  expect(ask('drac check --mta ex')).toEqual(['exim'])
  expect(ask('drac permit --no')).toEqual(['--note'])
})

test.skipIf(lacks('zsh'))('zsh', () => {
  run('zsh', 'zsh -n packaging/completion/_drac')
})
