import 'server-only'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { DamagedParquet, OversizedParquet } from '@/lib/parquet/errors'
import type { ColumnChunk } from '@/lib/parquet/footer'
import { type PageHeader, readPageHeader } from '@/lib/parquet/page'

/** A page in its stored form. */
export type StoredPage = { header: PageHeader; body: Uint8Array }

const READ_BYTES = 256 * 1024
/** Longer than headers without bounds. */
const SHORT_HEADER_BYTES = 128
/** A header may contain bounds of its page, which are as long as a value. */
const MAX_HEADER_BYTES = 8 * 1024 * 1024

type ReadOptions = {
  maxPageBytes: number
  /** Skips pages of more than `maxPageBytes` after their header. */
  skipsLarger?: boolean
  signal?: AbortSignal
}

/**
 * The pages of a column chunk in order, read a part of the file at a time.
 *
 * @throws {DamagedParquet} when the pages do not have the values that the chunk claims
 * @throws {OversizedParquet} for a page of more than `maxPageBytes`, before it is read, unless such pages are skipped
 */
export async function* readStoredPages(
  source: ByteSource,
  chunk: Pick<ColumnChunk, 'startOffset' | 'storedBytes' | 'valueCount'>,
  { maxPageBytes, skipsLarger = false, signal }: ReadOptions,
): AsyncGenerator<StoredPage> {
  const window = new ReadWindow(source, chunk.startOffset, chunk.startOffset + chunk.storedBytes, signal)
  let valuesSeen = 0
  while (window.bytesLeft > 0 && valuesSeen < chunk.valueCount) {
    const header = await readHeader(window)
    const storedBytes = header.end - header.start
    const pageBytes = Math.max(storedBytes, header.encodedBytes)
    if (pageBytes > maxPageBytes && !skipsLarger) throw new OversizedParquet(`it has a page of ${pageBytes} bytes`)
    if (header.kind === 'data' || header.kind === 'data-v2') valuesSeen += header.valueCount
    if (pageBytes > maxPageBytes) window.skip(storedBytes)
    else yield { header, body: await window.take(storedBytes) }
  }
  if (valuesSeen !== chunk.valueCount) {
    throw new DamagedParquet(`a column chunk holds ${valuesSeen} values but claims ${chunk.valueCount}`)
  }
}

/**
 * The page in a range of bytes, as an offset index names them; null if it is longer than `maxPageBytes`.
 *
 * @throws {DamagedParquet} when the range does not hold a page
 */
export async function readStoredPage(
  source: ByteSource,
  { startOffset, storedBytes }: Pick<ColumnChunk, 'startOffset' | 'storedBytes'>,
  { maxPageBytes, signal }: Pick<ReadOptions, 'maxPageBytes' | 'signal'>,
): Promise<StoredPage | null> {
  const window = new ReadWindow(source, startOffset, startOffset + storedBytes, signal)
  const header = await readHeader(window)
  const bodyBytes = header.end - header.start
  if (Math.max(bodyBytes, header.encodedBytes) > maxPageBytes) return null
  return { header, body: await window.take(bodyBytes) }
}

/** Passes the header of the next page. */
async function readHeader(window: ReadWindow): Promise<PageHeader> {
  for (let lengthBytes = SHORT_HEADER_BYTES; ; lengthBytes *= 4) {
    const bytes = await window.peek(lengthBytes)
    try {
      const header = readPageHeader(bytes, 0, window.bytesLeft)
      window.skip(header.start)
      return header
    } catch (error) {
      const mightBeCut = bytes.length < window.bytesLeft && lengthBytes < MAX_HEADER_BYTES
      if (!(error instanceof DamagedParquet) || !mightBeCut) throw error
    }
  }
}

/** A part of a file that is read from its start to its end. */
class ReadWindow {
  readonly #source: ByteSource
  readonly #end: number
  readonly #signal: AbortSignal | undefined
  #offset: number
  /** Bytes that were read and not consumed yet. */
  #bytes: Uint8Array = new Uint8Array(0)

  constructor(source: ByteSource, start: number, end: number, signal: AbortSignal | undefined) {
    this.#source = source
    this.#offset = start
    this.#end = end
    this.#signal = signal
  }

  get bytesLeft(): number {
    return this.#end - this.#offset
  }

  /** At least the next `lengthBytes`, or all that remain, including bytes that were already read. */
  async peek(lengthBytes: number): Promise<Uint8Array> {
    if (this.#bytes.length < Math.min(lengthBytes, this.bytesLeft)) {
      const end = Math.min(this.#end, this.#offset + Math.max(lengthBytes, READ_BYTES))
      this.#bytes = await this.#source.read(this.#offset, end, this.#signal)
    }
    return this.#bytes
  }

  async take(lengthBytes: number): Promise<Uint8Array> {
    const bytes = await this.peek(lengthBytes)
    this.skip(lengthBytes)
    return bytes.subarray(0, lengthBytes)
  }

  skip(lengthBytes: number): void {
    this.#bytes = this.#bytes.subarray(lengthBytes)
    this.#offset += lengthBytes
  }
}
