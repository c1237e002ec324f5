import 'server-only'
import type { ChunkJob, FromChunkThread, ToChunkThread } from './chunk-messages'
import type { ChunkSummary } from '../chunk-summary'
import type { PageQueue } from '../page-queue'
import { totalBytes, writeRecordedPage } from '../record-chunk'

export type ChunkThread = {
  post(message: ToChunkThread): void
  /** Ends it at once, also while it transcodes. No event follows. */
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
  /** For each chunk that was posted and not received whole. */
  #onWhole: (() => void)[] = []
  /** Chunks that were received whole, or failed, and not moved. */
  #wholeCount = 0

  constructor(start: StartChunkThread) {
    this.#start = start
  }

  /** Whether `move` has nothing to wait for. */
  get hasWholeChunk(): boolean {
    return this.#wholeCount > 0 || this.#ended !== null
  }

  /**
   * Adds a chunk to those that the thread transcodes, one after the other.
   *
   * @param onWhole called when the chunk is transcoded, or has failed
   */
  post(job: ChunkJob, onWhole: () => void): void {
    this.#onWhole.push(onWhole)
    this.#thread ??= this.#start({
      onMessage: (message) => {
        this.#received.push(message)
        if (message.kind !== 'pages') {
          this.#wholeCount += 1
          this.#onWhole.shift()?.()
        }
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
        case 'pages':
          for (const page of message.pages) await writeRecordedPage(page, queue, summary)
          this.#thread?.post({ kind: 'taken', byteLength: totalBytes(message.pages) })
          break
        case 'done':
          this.#wholeCount -= 1
          summary.hasSplitRows = message.hasSplitRows
          return message.bloomFilter
        case 'failed':
          this.#wholeCount -= 1
          throw new ChunkThreadError(message.reason)
      }
    }
  }

  /** Ends the thread, with the chunks that were posted. The next chunk starts another one. */
  end(): void {
    this.#thread?.end()
    this.#thread = null
    this.#received = []
    this.#onWhole = []
    this.#wholeCount = 0
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
