// The commonest conversation: each message has its answer at once.
import type { Connection, Conversation, Framer } from './connection.ts'

/** Gathers the answers to all messages of one chunk and sends them together. */
export class AnswerEach implements Conversation {
  readonly framer: Framer
  readonly #connection: Connection
  readonly #answer: (message: Uint8Array) => string
  #answers = ''

  /** @param answer gives Latin-1, one character a byte; what it throws cuts the connection, after the answers before it */
  constructor(connection: Connection, framer: Framer, answer: (message: Uint8Array) => string) {
    this.#connection = connection
    this.framer = framer
    this.#answer = answer
  }

  message(bytes: Uint8Array): void {
    this.#answers += this.#answer(bytes)
  }

  flush(): void {
    if (this.#answers === '') return
    const answers = this.#answers
    this.#answers = ''
    this.#connection.send(answers)
  }
}
