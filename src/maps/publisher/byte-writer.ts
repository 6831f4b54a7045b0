/** Latin1 text put end to end, in memory that grows by halves. */
export class ByteWriter {
  #buffer = Buffer.alloc(0)
  #length = 0

  add(text: string): void {
    const end = this.#length + text.length
    if (end > this.#buffer.length) this.#grow(end)
    this.#buffer.write(text, this.#length, 'latin1')
    this.#length = end
  }

  /** A view on what was written so far. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  #grow(atLeast: number): void {
    const larger = Buffer.alloc(Math.max(1024, atLeast, this.#buffer.length + (this.#buffer.length >>> 1)))
    this.#buffer.copy(larger, 0, 0, this.#length)
    this.#buffer = larger
  }
}
