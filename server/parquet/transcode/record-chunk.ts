import 'server-only'
import type { Encoding } from '@/lib/parquet/footer'
import type { PageKind } from '@/lib/parquet/write/file-metadata'
import { orderOf, type ValueOrder } from '@/lib/parquet/write/value-order'
import { sum } from '@/lib/sum'
import type { RecordedPage } from './thread/chunk-messages'
import type { ChunkSummary, PageContents, PageSummary } from './chunk-summary'
import type { PageCompressors } from './page-compressors'
import { type ByteSink, PageQueue, type StoredRange } from './page-queue'
import { type ChunkInput, transcodeChunk } from './transcode-chunk'

/** A transcoded chunk apart from its pages. */
export type RecordedEnd = { hasSplitRows: boolean; bloomFilter: Uint8Array | null }

export type RecordTarget = {
  compressors: PageCompressors
  /** Receives each page whole, in order. */
  onPage: (page: RecordedPage) => void
  /** Waits until another page may be written. */
  untilRoom?: () => Promise<void>
}

export function totalBytes(pages: readonly RecordedPage[]): number {
  return sum(pages.map(({ bytes }) => bytes.length))
}

/** Transcodes a column chunk before its place in the file is known. */
export async function recordChunk(input: ChunkInput, target: RecordTarget): Promise<RecordedEnd> {
  const recorder = new PageRecorder(input, target)
  const queue = new PageQueue(recorder, target.compressors)
  const bloomFilter = await transcodeChunk(input, queue, recorder)
  await queue.drain()
  return { hasSplitRows: recorder.hasSplitRows, bloomFilter }
}

/** Adds a page to the file. */
export async function writeRecordedPage(
  { bytes, encodedBytes, contents }: RecordedPage,
  queue: PageQueue,
  summary: ChunkSummary,
): Promise<void> {
  await queue.addStored(bytes, encodedBytes, (range) => {
    if (contents.kind === 'dictionary') summary.addDictionary(contents.encoding, range)
    else summary.addPage(contents.kind, contents.page, range)
  })
}

/** Takes what a queue writes, and passes each page on whole. */
class PageRecorder implements ByteSink, PageSummary {
  readonly order: ValueOrder | null
  hasSplitRows = false
  readonly #target: RecordTarget
  #parts: Uint8Array[] = []

  constructor({ node }: ChunkInput, target: RecordTarget) {
    this.order = orderOf(node)
    this.#target = target
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#target.untilRoom?.()
    this.#parts.push(bytes)
  }

  addDictionary(encoding: Encoding, range: StoredRange): void {
    this.#passOn({ kind: 'dictionary', encoding }, range)
  }

  addPage(kind: Exclude<PageKind, 'dictionary'>, { extremes, ...page }: PageContents, range: StoredRange): void {
    // They may be views of whole pages, which would be copied, or stay in memory, with them.
    const copied = extremes && { min: new Uint8Array(extremes.min), max: new Uint8Array(extremes.max) }
    this.#passOn({ kind, page: { ...page, extremes: copied } }, range)
  }

  #passOn(contents: RecordedPage['contents'], { storedBytes, encodedBytes }: StoredRange): void {
    const bytes = new Uint8Array(storedBytes)
    let at = 0
    for (const part of this.#parts.splice(0)) {
      bytes.set(part, at)
      at += part.length
    }
    this.#target.onPage({ bytes, encodedBytes, contents })
  }
}
