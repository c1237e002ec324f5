import 'server-only'
import { Readable } from 'node:stream'
import { clock } from '@/server/timing/clock'
import type { PipedRecords } from './piped-records'

export type PartLimits = {
  /** After its first record, a part takes records for so long. */
  everyMs: number
  maxBytes: number
}

/** A pipe in parts, each of which is a file of its own. Holds one read of the pipe in memory. */
export class TimedParts {
  readonly #records: PipedRecords
  readonly #limits: PartLimits
  readonly #iterator: AsyncIterator<Uint8Array>
  /** Read of the pipe, or being read, and in no part yet. */
  #pending: Promise<IteratorResult<Uint8Array>> | null = null

  constructor(records: PipedRecords, limits: PartLimits) {
    this.#records = records
    this.#limits = limits
    this.#iterator = records.read()[Symbol.asyncIterator]()
  }

  /** Waits for the first record of the next part, which has to be read to its end before another one; null at the end. */
  async next(): Promise<Readable | null> {
    const first = await this.#peek()
    return first.done === true ? null : Readable.from(this.#readPart(), { objectMode: false })
  }

  async *#readPart(): AsyncGenerator<Uint8Array> {
    const { everyMs, maxBytes } = this.#limits
    const isOver = Promise.withResolvers<null>()
    const timer = clock.after(everyMs, () => isOver.resolve(null))
    try {
      const head = this.#records.head()
      let byteLength = head.length
      if (head.length > 0) yield head
      for (let isFirst = true; ; isFirst = false) {
        // In this order: records may come faster than they are stored.
        const next = await (isFirst ? this.#peek() : Promise.race([isOver.promise, this.#peek()]))
        if (next === null || next.done === true || (!isFirst && byteLength + next.value.length > maxBytes)) return
        this.#pending = null
        byteLength += next.value.length
        yield next.value
      }
    } finally {
      timer.cancel()
    }
  }

  #peek(): Promise<IteratorResult<Uint8Array>> {
    this.#pending ??= this.#iterator.next()
    return this.#pending
  }
}
