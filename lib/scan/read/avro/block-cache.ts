const DEFAULT_LIMIT_BYTES = 32 * 1024 * 1024

/** Decompressed blocks of Avro files, up to a limit; the least recently used ones are dropped. */
export class BlockCache {
  readonly #limitBytes: number
  readonly #files = new WeakMap<object, Map<number, Entry>>()
  /** In the order of their last use. */
  readonly #entries = new Set<Entry>()
  #bytes = 0

  constructor(limitBytes = DEFAULT_LIMIT_BYTES) {
    this.#limitBytes = limitBytes
  }

  /** @param file any object that stands for the opened file */
  get(file: object, position: number): Uint8Array | null {
    const entry = this.#files.get(file)?.get(position)
    if (!entry) return null
    this.#entries.delete(entry)
    this.#entries.add(entry)
    return entry.plain
  }

  /** @returns the bytes in the cache: a copy, because a view would keep all that was fetched with it */
  set(file: object, position: number, plain: Uint8Array): Uint8Array {
    if (plain.length > this.#limitBytes / 2) return plain
    const blocks = this.#files.get(file) ?? new Map<number, Entry>()
    this.#files.set(file, blocks)
    const previous = blocks.get(position)
    if (previous) this.#drop(previous)
    const entry: Entry = { blocks, position, plain: plain.length < plain.buffer.byteLength ? plain.slice() : plain }
    blocks.set(position, entry)
    this.#entries.add(entry)
    this.#bytes += plain.length
    for (const oldest of this.#entries) {
      if (this.#bytes <= this.#limitBytes) break
      this.#drop(oldest)
    }
    return entry.plain
  }

  #drop(entry: Entry): void {
    entry.blocks.delete(entry.position)
    this.#entries.delete(entry)
    this.#bytes -= entry.plain.length
  }
}

type Entry = { blocks: Map<number, Entry>; position: number; plain: Uint8Array }
