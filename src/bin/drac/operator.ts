import { userInfo } from 'node:os'

/** Who types this, for the log: the name behind sudo where there is one. */
export function operator(): string {
  if (process.env.SUDO_USER) return process.env.SUDO_USER
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.()}`
  }
}
