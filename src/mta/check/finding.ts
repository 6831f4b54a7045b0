// One line of "drac check".

export type Level = 'ok' | 'warning' | 'error'

export interface Finding {
  readonly level: Level
  /** `/etc/postfix/main.cf:12`, `dracd`, `socketmap tcp:127.0.0.1:9899`. */
  readonly where: string
  /** What is so, and why it matters. */
  readonly message: string
  /** What to type or change. */
  readonly cure?: string
}

export const ok = (where: string, message: string): Finding => ({ level: 'ok', where, message })
export const warning = (where: string, message: string, cure: string): Finding => ({
  level: 'warning',
  where,
  message,
  cure,
})
export const error = (where: string, message: string, cure: string): Finding => ({
  level: 'error',
  where,
  message,
  cure,
})
