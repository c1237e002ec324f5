import 'server-only'
import type { Encoding } from '@/lib/parquet/footer'
import type { PageKind } from '@/lib/parquet/write/file-metadata'
import { orderOf, type ValueOrder } from '@/lib/parquet/write/value-order'
import { pageCodecs } from '../page-codecs'
import type { ChunkJob, FromChunkThread, RecordedPage, ToChunkThread } from './chunk-messages'
import type { PageContents, PageSummary } from './chunk-summary'
import { withFileSource } from './local-file'
import { pageCompressors } from './page-compressors'
import { type ByteSink, PageQueue, type StoredRange } from './page-queue'
import { transcodeChunk } from './transcode-chunk'

export type PostFromChunkThread = (message: FromChunkThread, transfer: readonly ArrayBuffer[]) => void

/** The program takes the pages of earlier columns first. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024

/**
 * @param maxWaitingBytes of pages that the program has not taken
 * @returns the handler of the messages of the program: it transcodes one chunk after the other, in their order
 */
export function createChunkTranscoder(
  post: PostFromChunkThread,
  maxWaitingBytes = MAX_WAITING_BYTES,
): (message: ToChunkThread) => void {
  const waiting = new WaitingBytes(maxWaitingBytes)
  let last = Promise.resolve()
  return (message) => {
    if (message.kind === 'taken') waiting.remove(message.byteLength)
    else last = last.then(() => transcodeJob(message.job, waiting, post))
  }
}

async function transcodeJob(job: ChunkJob, waiting: WaitingBytes, post: PostFromChunkThread): Promise<void> {
  try {
    const recorder = new PageRecorder(job, waiting, post)
    const { file, chunk, ...input } = job
    await pageCodecs.load?.(new Set([chunk.codec]))
    const bloomFilter = await withFileSource(file, async (source) => {
      const queue = new PageQueue(recorder, pageCompressors)
      const compression = { codec: chunk.codec, codecs: pageCodecs }
      const filter = await transcodeChunk({ ...input, source, chunk, compression }, queue, recorder)
      await queue.drain()
      return filter
    })
    const { hasSplitRows } = recorder
    post({ kind: 'done', hasSplitRows, bloomFilter: bloomFilter && new Uint8Array(bloomFilter) }, [])
  } catch (error) {
    post({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) }, [])
  }
}

/** Takes what a queue writes, and posts each page whole. */
class PageRecorder implements ByteSink, PageSummary {
  readonly order: ValueOrder | null
  hasSplitRows = false
  readonly #waiting: WaitingBytes
  readonly #post: PostFromChunkThread
  #parts: Uint8Array[] = []

  constructor({ node }: ChunkJob, waiting: WaitingBytes, post: PostFromChunkThread) {
    this.order = orderOf(node)
    this.#waiting = waiting
    this.#post = post
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#waiting.untilRoom()
    this.#parts.push(bytes)
  }

  addDictionary(encoding: Encoding, range: StoredRange): void {
    this.#postPage({ kind: 'dictionary', encoding }, range)
  }

  addPage(kind: Exclude<PageKind, 'dictionary'>, { extremes, ...page }: PageContents, range: StoredRange): void {
    // They may be views of whole pages, which would be copied with them.
    const copied = extremes && { min: new Uint8Array(extremes.min), max: new Uint8Array(extremes.max) }
    this.#postPage({ kind, page: { ...page, extremes: copied } }, range)
  }

  #postPage(contents: RecordedPage['contents'], { storedBytes, encodedBytes }: StoredRange): void {
    const bytes = new Uint8Array(storedBytes)
    let at = 0
    for (const part of this.#parts.splice(0)) {
      bytes.set(part, at)
      at += part.length
    }
    this.#waiting.add(storedBytes)
    this.#post({ kind: 'page', page: { bytes, encodedBytes, contents } }, [bytes.buffer])
  }
}

class WaitingBytes {
  readonly #maxBytes: number
  #byteLength = 0
  #onRoom: (() => void) | null = null

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  add(byteLength: number): void {
    this.#byteLength += byteLength
  }

  remove(byteLength: number): void {
    this.#byteLength -= byteLength
    if (this.#byteLength >= this.#maxBytes) return
    this.#onRoom?.()
    this.#onRoom = null
  }

  async untilRoom(): Promise<void> {
    if (this.#byteLength < this.#maxBytes) return
    await new Promise<void>((resolve) => {
      this.#onRoom = resolve
    })
  }
}
