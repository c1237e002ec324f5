import 'server-only'
import type { ChunkJob, FromChunkThread, ToChunkThread } from './chunk-messages'
import type { ChunkSummary } from './chunk-summary'
import type { PageQueue } from './page-queue'

export type ChunkThread = {
  post(message: ToChunkThread): void
  /** Ends it at once, also while it transcodes. */
  end(): void
}

export type ChunkThreadEvents = {
  onMessage: (message: FromChunkThread) => void
  /** Called when the thread ends by itself, with the reason. */
  onEnd: (cause: unknown) => void
}

export type StartChunkThread = (events: ChunkThreadEvents) => ChunkThread

/** A chunk was not transcoded in the thread. The reason is only described: the same chunk fails here, too, or does not. */
export class ChunkThreadError extends Error {
  override readonly name = 'ChunkThreadError'
}

/** A second thread for the column chunks of one file at a time. It starts with the first chunk. */
export class ChunkLane {
  readonly #start: StartChunkThread
  #thread: ChunkThread | null = null
  #received: FromChunkThread[] = []
  #onReceived: (() => void) | null = null
  #ended: ChunkThreadError | null = null

  constructor(start: StartChunkThread) {
    this.#start = start
  }

  /** Adds a chunk to those that the thread transcodes, one after the other. */
  post(job: ChunkJob): void {
    this.#thread ??= this.#start({
      onMessage: (message) => {
        this.#received.push(message)
        this.#wake()
      },
      onEnd: (cause) => {
        this.#ended = new ChunkThreadError('The thread ended.', { cause })
        this.#wake()
      },
    })
    this.#thread.post({ kind: 'transcode', job })
  }

  /**
   * Moves the pages of the chunk that was posted first, and not moved yet, into the queue.
   *
   * @returns the Bloom filter to write, or null
   * @throws {ChunkThreadError}
   */
  async move(queue: PageQueue, summary: ChunkSummary): Promise<Uint8Array | null> {
    for (;;) {
      const message = await this.#next()
      switch (message.kind) {
        case 'page': {
          const { bytes, encodedBytes, contents } = message.page
          await queue.addStored(bytes, encodedBytes, (range) => {
            if (contents.kind === 'dictionary') summary.addDictionary(contents.encoding, range)
            else summary.addPage(contents.kind, contents.page, range)
          })
          this.#thread?.post({ kind: 'taken', byteLength: bytes.length })
          break
        }
        case 'done':
          summary.hasSplitRows = message.hasSplitRows
          return message.bloomFilter
        case 'failed':
          throw new ChunkThreadError(message.reason)
      }
    }
  }

  /** Ends the thread, with the chunks that were posted. The next chunk starts another one. */
  end(): void {
    this.#thread?.end()
    this.#thread = null
    this.#received = []
    this.#ended = null
  }

  async #next(): Promise<FromChunkThread> {
    for (;;) {
      const message = this.#received.shift()
      if (message) return message
      if (this.#ended) throw this.#ended
      await new Promise<void>((resolve) => {
        this.#onReceived = resolve
      })
    }
  }

  #wake(): void {
    this.#onReceived?.()
    this.#onReceived = null
  }
}
