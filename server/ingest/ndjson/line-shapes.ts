import 'server-only'
import { open } from 'node:fs/promises'

const CHUNK_BYTES = 1024 * 1024
const WORD_BYTES = 4
const [LF, CR, SPACE, CLOSE_OBJECT] = [0x0a, 0x0d, 0x20, 0x7d]
const [SPACES, HIGH_BITS] = [0x20202020, 0x80808080]

/**
 * Counts the lines that end in a closing brace. Null if the text has control characters other than line ends, or if its
 * last line has no line end and does not end in a brace, which DuckDB may lose. Costs one pass over the bytes.
 */
export async function countObjectLines(path: string): Promise<number | null> {
  const file = await open(path, 'r')
  const lines = new ObjectLines()
  try {
    for (;;) {
      const { bytesRead } = await file.read(lines.bytes, WORD_BYTES, CHUNK_BYTES)
      if (bytesRead === 0) return lines.count
      if (!lines.add(bytesRead)) return null
    }
  } finally {
    await file.close()
  }
}

class ObjectLines {
  /** The end of the bytes before, as long as a word, and the next ones. */
  readonly bytes = new Uint8Array(WORD_BYTES + CHUNK_BYTES).fill(LF, 0, WORD_BYTES)
  readonly #words = new Int32Array(this.bytes.buffer)
  #count = 0

  /** @returns false for control characters other than line ends */
  add(length: number): boolean {
    const end = WORD_BYTES + length
    const lastWord = Math.floor(end / WORD_BYTES)
    if (this.#isAfterReturn(WORD_BYTES) && this.bytes[WORD_BYTES] !== LF) return false
    for (let at = 1; at < lastWord; at += 1) {
      const word = this.#words[at] ?? 0
      // Whether one of its bytes is less than a space: the subtraction borrows from its highest bit.
      if (((word - SPACES) & ~word & HIGH_BITS) !== 0 && !this.#addBytes(at * WORD_BYTES, (at + 1) * WORD_BYTES, end))
        return false
    }
    if (!this.#addBytes(Math.max(lastWord, 1) * WORD_BYTES, end, end)) return false
    this.bytes.copyWithin(0, end - WORD_BYTES, end)
    return true
  }

  get count(): number | null {
    const last = this.bytes[WORD_BYTES - 1]
    if (last === LF || last === CR) return this.#count
    return last === CLOSE_OBJECT ? this.#count + 1 : null
  }

  #addBytes(start: number, stop: number, end: number): boolean {
    for (let at = start; at < stop; at += 1) {
      const byte = this.bytes[at] ?? 0
      if (byte >= SPACE) continue
      if (byte === LF) {
        const lineEnd = this.#isAfterReturn(at) ? at - 1 : at
        if (this.bytes[lineEnd - 1] === CLOSE_OBJECT) this.#count += 1
      } else if (byte !== CR || (at + 1 < end && this.bytes[at + 1] !== LF)) return false
    }
    return true
  }

  #isAfterReturn(at: number): boolean {
    return this.bytes[at - 1] === CR
  }
}
