import 'server-only'
import { open } from 'node:fs/promises'

const CHUNK_BYTES = 1024 * 1024
const [LF, CR, SPACE, CLOSE_OBJECT] = [0x0a, 0x0d, 0x20, 0x7d]

/**
 * Counts the lines of a text, without the empty ones, if each of them ends in a closing brace, and the text has no
 * control characters next to its line ends. Null if not. Costs one pass over the bytes.
 */
export async function countObjectLines(path: string): Promise<number | null> {
  const file = await open(path, 'r')
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  const lines = new ObjectLines()
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length)
      if (bytesRead === 0) return lines.end()
      if (!lines.add(buffer, bytesRead)) return null
    }
  } finally {
    await file.close()
  }
}

class ObjectLines {
  #count = 0
  /** The last two bytes so far. A text begins as a line does. */
  #last = LF
  #beforeLast = LF

  /** Whether all lines so far are such lines. */
  add(bytes: Buffer, length: number): boolean {
    let last = this.#last
    let beforeLast = this.#beforeLast
    for (let at = 0; at < length; at += 1) {
      const byte = bytes[at] ?? 0
      if (byte < SPACE || last === CR) {
        if (byte === LF) {
          const end = last === CR ? beforeLast : last
          if (end === CLOSE_OBJECT) this.#count += 1
          else if (end !== LF) return false
        } else if (byte !== CR || last === CR) return false
      }
      beforeLast = last
      last = byte
    }
    this.#last = last
    this.#beforeLast = beforeLast
    return true
  }

  /** The last line may have no line end. */
  end(): number | null {
    if (this.#last === LF) return this.#count
    return this.#last === CLOSE_OBJECT ? this.#count + 1 : null
  }
}
