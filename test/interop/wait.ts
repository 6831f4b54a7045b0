// Waiting for conditions, with deadlines long enough for a busy machine.
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Asks until the answer is neither undefined nor false, and returns it.
 * @param seconds deadline; past it this throws and names `what`
 */
export async function until<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  seconds = 30,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s for ${what}`)
    await delay(100)
  }
}
