// The memory store as the real one behaves: a write takes effect after the turn of the event loop that asked for it, and
// reads do not show it before.
import { MemoryStore } from '../../src/store/memory.ts'

type Arguments<Name extends keyof MemoryStore> = MemoryStore[Name] extends (...args: infer A) => unknown ? A : never

export class LaggingStore extends MemoryStore {
  #queue: (() => Promise<void>)[] = []
  #held = false
  /** Writes that fail from now on, as when the disk is full. */
  failing = false

  /** Writes wait until `letGo`. */
  hold(): void {
    this.#held = true
  }

  letGo(): void {
    this.#held = false
    this.#schedule()
  }

  override put(...args: Arguments<'put'>): ReturnType<MemoryStore['put']> {
    return this.#later(() => super.put(...args))
  }
  override delete(...args: Arguments<'delete'>): ReturnType<MemoryStore['delete']> {
    return this.#later(() => super.delete(...args))
  }
  override shorten(...args: Arguments<'shorten'>): ReturnType<MemoryStore['shorten']> {
    return this.#later(() => super.shorten(...args))
  }
  override putSession(...args: Arguments<'putSession'>): Promise<void> {
    return this.#later(() => super.putSession(...args))
  }
  override deleteSessions(...args: Arguments<'deleteSessions'>): Promise<void> {
    return this.#later(() => super.deleteSessions(...args))
  }
  override putRevocation(...args: Arguments<'putRevocation'>): Promise<void> {
    return this.#later(() => super.putRevocation(...args))
  }
  override sweep(...args: Arguments<'sweep'>): ReturnType<MemoryStore['sweep']> {
    return this.#later(() => super.sweep(...args))
  }
  override shift(...args: Arguments<'shift'>): Promise<void> {
    return this.#later(() => super.shift(...args))
  }

  #later<T>(write: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#queue.push(() => (this.failing ? Promise.reject(new Error('disk full')) : write()).then(resolve, reject))
      this.#schedule()
    })
  }

  #schedule(): void {
    if (!this.#held) setImmediate(() => this.#run())
  }

  async #run(): Promise<void> {
    if (this.#held) return
    const writes = this.#queue
    this.#queue = []
    for (const write of writes) await write()
  }
}
