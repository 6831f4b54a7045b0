const PIECE = 65_536

/** Latin1 text put end to end, in pieces, so that nothing is copied as it grows. */
export class ByteWriter {
  readonly #full: Buffer[] = []
  #piece = Buffer.alloc(0)
  #length = 0

  add(text: string): void {
    if (this.#length + text.length > this.#piece.length) {
      this.#full.push(this.#piece.subarray(0, this.#length))
      this.#piece = Buffer.alloc(Math.max(PIECE, text.length))
      this.#length = 0
    }
    this.#length += this.#piece.write(text, this.#length, 'latin1')
  }

  /** Views on what was written so far, in order. */
  pieces(): Buffer[] {
    return [...this.#full, this.#piece.subarray(0, this.#length)]
  }
}
