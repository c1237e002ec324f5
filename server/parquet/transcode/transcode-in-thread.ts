import 'server-only'
import { pageCodecs } from '../page-codecs'
import type { ChunkJob, FromChunkThread, ToChunkThread } from './chunk-messages'
import { withFileSource } from './local-file'
import { pageCompressors } from './page-compressors'
import { recordChunk, type RecordTarget } from './record-chunk'

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
    const { file, chunk, ...input } = job
    await pageCodecs.load?.(new Set([chunk.codec]))
    const compression = { codec: chunk.codec, codecs: pageCodecs }
    const target: RecordTarget = {
      compressors: pageCompressors,
      untilRoom: () => waiting.untilRoom(),
      onPage: (page) => {
        waiting.add(page.bytes.length)
        post({ kind: 'page', page }, [page.bytes.buffer])
      },
    }
    const { hasSplitRows, bloomFilter } = await withFileSource(
      file,
      (source) => recordChunk({ ...input, source, chunk, compression }, target),
      // The chunks that follow may be read elsewhere.
      chunk.startOffset + chunk.storedBytes,
    )
    post({ kind: 'done', hasSplitRows, bloomFilter: bloomFilter && new Uint8Array(bloomFilter) }, [])
  } catch (error) {
    post({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) }, [])
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
