// What Cyrus sends to "notifysocket: dlist:PATH" (imap/notify.c, notify_dlist), and the answer it waits for.
import { malformed, unsupported } from '../../lib/errors.ts'
import { type Dlist, decodeMessage, encodeMessage, isDlistMap } from './dlist.ts'

/** What counts of a notification. */
export interface Notification {
  /** The value of event_notifier. */
  readonly method: string
  /** `EVENT` for what is said by event_notifier; `SIEVE` and others when mail arrives. */
  readonly class: string
  /** Of an event: JSON. */
  readonly message: Uint8Array
}

/** Logged by Cyrus (LOG_NOTICE) and not acted on. */
export type Answer = 'OK' | 'NO'

/** @param bytes one message without its CRLF. Throws `malformed`, and `unsupported` for what is no NOTIFY. */
export function decodeNotification(bytes: Uint8Array): Notification {
  const { key, value } = decodeMessage(bytes)
  if (key !== 'NOTIFY') throw unsupported('DRAC_CYRUS', 'the only command is NOTIFY')
  if (!isDlistMap(value)) throw malformed('DRAC_CYRUS', 'NOTIFY without %(...)')
  const { METHOD, CLASS, MESSAGE } = value
  return { method: text(METHOD), class: text(CLASS), message: octets(MESSAGE) }
}

export const encodeNotification = ({ method, class: name, message }: Notification): Buffer =>
  encodeMessage({
    key: 'NOTIFY',
    value: {
      METHOD: Buffer.from(method),
      CLASS: Buffer.from(name),
      PRIORITY: null,
      USER: null,
      MAILBOX: null,
      OPTIONS: [],
      MESSAGE: message,
      FILEPATH: null,
    },
  })

/** With its CRLF. */
export const encodeAnswer = (answer: Answer): string => `${answer} ()\r\n`

function octets(value: Dlist | undefined): Uint8Array {
  if (value === undefined || value === null) return new Uint8Array()
  if (!(value instanceof Uint8Array)) throw malformed('DRAC_CYRUS', 'a list where a text should be')
  return value
}

const text = (value: Dlist | undefined): string => Buffer.from(octets(value)).toString('latin1')
