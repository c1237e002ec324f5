import 'server-only'
import { clock } from '@/server/timing/clock'
import { PART_BYTES } from './upload-folder'

/** As many as a page sends at a time. */
const MAX_SPARE = 3
const SPARE_MS = 30_000

/**
 * The memory of parts, which the next request uses again: a file arrives in many requests, and new memory for each makes
 * the process fault pages and collect garbage all the time.
 */
export class PartMemory {
  #spare: Buffer[] = []
  #timer: ReturnType<typeof clock.after> | null = null

  /** At most a part, with whatever bytes are in it. */
  take(maxBytes: number): Buffer {
    return (maxBytes === PART_BYTES ? this.#spare.pop() : undefined) ?? Buffer.allocUnsafeSlow(maxBytes)
  }

  /** Only memory that no operation can still be reading. It is freed when no file has arrived for half a minute. */
  giveBack(memory: Buffer): void {
    if (memory.byteLength !== PART_BYTES || this.#spare.length === MAX_SPARE) return
    this.#spare.push(memory)
    this.#timer?.cancel()
    this.#timer = clock.after(SPARE_MS, () => {
      this.#spare = []
    })
    this.#timer.unref()
  }
}
