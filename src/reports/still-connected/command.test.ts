import { expect, test } from 'vitest'
import { outputOf } from './command.ts'

const node = (program: string): string[] => [process.execPath, '-e', program]
const soon = (): AbortSignal => AbortSignal.timeout(20_000)
const tempfail = (message: RegExp) =>
  expect.objectContaining({ kind: 'tempfail', message: expect.stringMatching(message) })

test('what it prints, byte by byte; no shell looks at the arguments', async () => {
  const output = await outputOf([...node('process.stdout.write(process.argv[1])'), '$HOME; "ä\n'], soon())
  expect(output.toString()).toBe('$HOME; "ä\n')
})

test('a program that fails, does not exist, or was killed gives nothing, whatever it has printed', async () => {
  const failing = node('process.stdout.write("[]"); console.error("no permission\\nmore"); process.exitCode = 3')
  await expect(outputOf(failing, soon())).rejects.toEqual(tempfail(/ended with 3: no permission$/))
  await expect(outputOf(['/nonexistent/doveadm'], soon())).rejects.toEqual(tempfail(/ENOENT/))
  const killed = node('process.stdout.write("[]", () => process.kill(process.pid, "SIGKILL"))')
  await expect(outputOf(killed, soon())).rejects.toEqual(tempfail(/ended with SIGKILL/))
})

test('one that prints without end is killed at the limit', async () => {
  await expect(outputOf(['yes'], soon(), 100_000)).rejects.toEqual(tempfail(/more than 100000 bytes/))
})

test('one that hangs is killed on the signal, with the children that keep its output open', async () => {
  const stop = new AbortController()
  const child = 'spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" })'
  const hanging = outputOf(node(`require("node:child_process").${child}; process.stdout.write("[]")`), stop.signal)
  setTimeout(() => stop.abort(), 200)
  await expect(hanging).rejects.toEqual(tempfail(/was stopped/))
  await expect(outputOf(['yes'], AbortSignal.abort())).rejects.toEqual(tempfail(/was stopped/))
})
