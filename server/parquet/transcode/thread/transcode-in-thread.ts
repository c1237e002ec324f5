import 'server-only'
import { pageCodecs } from '@/server/parquet/page-codecs'
import type { ChunkJob, FromChunkThread, RecordedPage, ToChunkThread } from './chunk-messages'
import { withBlockingSource } from '../blocking-file'
import { pageCompressors } from '../page-compressors'
import { chunkSource } from '../read-ahead'
import { recordChunk, totalBytes } from '../record-chunk'

export type PostFromChunkThread = (message: FromChunkThread, transfer: readonly ArrayBuffer[]) => void

/** The program takes the pages of earlier columns first. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024
/** A message costs more than a small page: a chunk takes few of them. */
const MESSAGE_BYTES = 1024 * 1024

/**
 * @param maxWaitingBytes of pages that the program has not taken
 * @returns the handler of the messages of the program: it transcodes one chunk after the other, in their order
 */
export function createChunkTranscoder(
  post: PostFromChunkThread,
  maxWaitingBytes = MAX_WAITING_BYTES,
): (message: ToChunkThread) => void {
  const waiting = new WaitingBytes(maxWaitingBytes)
  const messageBytes = Math.min(MESSAGE_BYTES, maxWaitingBytes)
  let last = Promise.resolve()
  return (message) => {
    if (message.kind === 'taken') waiting.remove(message.byteLength)
    else last = last.then(() => transcodeJob(message.job, new PostedPages(waiting, messageBytes, post), post))
  }
}

async function transcodeJob(job: ChunkJob, pages: PostedPages, post: PostFromChunkThread): Promise<void> {
  try {
    const { file, chunk, ...input } = job
    await pageCodecs.load?.(new Set([chunk.codec]))
    const compression = { codec: chunk.codec, codecs: pageCodecs }
    const target = {
      compressors: pageCompressors,
      untilRoom: () => pages.untilRoom(),
      onPage: (page: RecordedPage) => pages.add(page),
    }
    const { hasSplitRows, bloomFilter } = await withBlockingSource(file, (source) =>
      recordChunk({ ...input, source: chunkSource(source, chunk), chunk, compression }, target),
    )
    pages.post()
    post({ kind: 'done', hasSplitRows, bloomFilter: bloomFilter && new Uint8Array(bloomFilter) }, [])
  } catch (error) {
    post({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) }, [])
  }
}

/** The pages of one chunk, several in a message. */
class PostedPages {
  readonly #waiting: WaitingBytes
  readonly #messageBytes: number
  readonly #post: PostFromChunkThread
  #pages: RecordedPage[] = []
  #byteLength = 0

  constructor(waiting: WaitingBytes, messageBytes: number, post: PostFromChunkThread) {
    this.#waiting = waiting
    this.#messageBytes = messageBytes
    this.#post = post
  }

  add(page: RecordedPage): void {
    this.#pages.push(page)
    this.#byteLength += page.bytes.length
    if (this.#byteLength >= this.#messageBytes) this.post()
  }

  /** Waits until the program has taken enough of those that were posted. */
  untilRoom(): Promise<void> {
    return this.#waiting.untilRoom()
  }

  post(): void {
    const pages = this.#pages
    if (pages.length === 0) return
    this.#pages = []
    this.#byteLength = 0
    this.#waiting.add(totalBytes(pages))
    this.#post(
      { kind: 'pages', pages },
      pages.map(({ bytes }) => bytes.buffer),
    )
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
