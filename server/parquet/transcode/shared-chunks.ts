import 'server-only'
import { setImmediate } from 'node:timers/promises'
import type { ColumnChunk } from '@/lib/parquet/footer'
import type { ChunkLane } from './thread/chunk-lane'
import type { RecordedPage } from './thread/chunk-messages'
import type { ChunkSummary } from './chunk-summary'
import type { PageCompressors } from './page-compressors'
import type { PageQueue } from './page-queue'
import { recordChunk, type RecordedEnd, writeRecordedPage } from './record-chunk'
import { chunkSource } from './read-ahead'
import { type ChunkInput, transcodeChunk } from './transcode-chunk'

export type SecondThread = {
  lane: ChunkLane
  /** On this machine: the thread reads the chunks from it. */
  file: string
  /** How many bytes of chunks may be transcoded here before their turn. */
  maxRecordedBytes?: number
}

type Recording = RecordedEnd & { pages: readonly RecordedPage[]; byteLength: number }

/**
 * The thread has its next chunks before it asks for them, because this one answers late while it compresses a page.
 * Chunks that wait there cannot be taken back, so there are few, and only one if it is large.
 */
const MAX_POSTED_JOBS = 8
const MAX_POSTED_BYTES = 2 * 1024 * 1024
const MAX_RECORDED_BYTES = 8 * 1024 * 1024

/**
 * The column chunks of a file, divided between this thread and a second one while they are transcoded: whichever is free
 * takes the next. They are written in their order, so the file does not depend on the division.
 */
export class SharedChunks {
  readonly #thread: SecondThread
  readonly #compressors: PageCompressors
  readonly #inputs: readonly ChunkInput[]
  /** The index of the first chunk that neither thread has taken. */
  #next = 0
  readonly #posted = new Set<ColumnChunk>()
  readonly #recordings = new Map<ColumnChunk, Recording>()
  #postedJobs = 0
  #postedBytes = 0
  #recordedBytes = 0

  /** @param inputs all chunks, in the order in which they are written */
  constructor(thread: SecondThread, compressors: PageCompressors, inputs: readonly ChunkInput[]) {
    this.#thread = thread
    this.#compressors = compressors
    this.#inputs = inputs
  }

  /**
   * Writes the pages of the next chunk into the queue, as `transcodeChunk` does.
   *
   * @throws {ChunkThreadError} when the thread has failed
   */
  async write(input: ChunkInput, queue: PageQueue, summary: ChunkSummary): Promise<Uint8Array | null> {
    const { chunk } = input
    const { lane } = this.#thread
    if (this.#posted.delete(chunk)) {
      while (!lane.hasWholeChunk && (await this.#recordNext()));
      return lane.move(queue, summary)
    }
    const recording = this.#recordings.get(chunk)
    if (recording) return this.#writeRecording(chunk, recording, { queue, summary })
    this.#next += 1
    this.#post()
    const bloomFilter = await transcodeChunk(toOwnInput(input), queue, summary)
    await untilReceived()
    return bloomFilter
  }

  /** Gives the thread its next chunks. */
  #post(): void {
    const { lane, file } = this.#thread
    for (;;) {
      const input = this.#inputs[this.#next]
      if (!input) return
      const { node, chunk, firstRow, rowCount, layout } = input
      const { encodedBytes } = chunk
      const isFull = this.#postedJobs >= MAX_POSTED_JOBS || this.#postedBytes + encodedBytes > MAX_POSTED_BYTES
      if (this.#postedJobs > 0 && isFull) return
      this.#next += 1
      this.#posted.add(chunk)
      this.#postedJobs += 1
      this.#postedBytes += encodedBytes
      lane.post({ file, node, chunk, firstRow, rowCount, layout }, () => {
        this.#postedJobs -= 1
        this.#postedBytes -= encodedBytes
        this.#post()
      })
    }
  }

  /** @returns whether there was another chunk, and room for it */
  async #recordNext(): Promise<boolean> {
    const input = this.#inputs[this.#next]
    const { maxRecordedBytes = MAX_RECORDED_BYTES } = this.#thread
    if (!input || this.#recordedBytes + input.chunk.encodedBytes > maxRecordedBytes) return false
    this.#next += 1
    const pages: RecordedPage[] = []
    let byteLength = 0
    const end = await recordChunk(toOwnInput(input), {
      compressors: this.#compressors,
      onPage: (page) => {
        pages.push(page)
        byteLength += page.bytes.length
      },
    })
    byteLength += end.bloomFilter?.length ?? 0
    this.#recordedBytes += byteLength
    this.#recordings.set(input.chunk, { ...end, pages, byteLength })
    await untilReceived()
    return true
  }

  async #writeRecording(
    chunk: ColumnChunk,
    { pages, hasSplitRows, bloomFilter, byteLength }: Recording,
    { queue, summary }: { queue: PageQueue; summary: ChunkSummary },
  ): Promise<Uint8Array | null> {
    this.#recordings.delete(chunk)
    this.#recordedBytes -= byteLength
    for (const page of pages) await writeRecordedPage(page, queue, summary)
    summary.hasSplitRows = hasSplitRows
    return bloomFilter
  }
}

function toOwnInput(input: ChunkInput): ChunkInput {
  return { ...input, source: chunkSource(input.source, input.chunk) }
}

/** A source that answers at once would let no message of the thread in. */
function untilReceived(): Promise<void> {
  return setImmediate()
}
