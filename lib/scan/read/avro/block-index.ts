import { AppError } from '@/lib/errors'
import { ByteCursor } from '@/lib/iceberg/avro/byte-cursor'
import { SYNC_BYTES } from '@/lib/iceberg/avro/container'
import type { CountedSource, Span } from '../../counted-source'
import { damagedAvroError, oversizedBlockError } from './avro-errors'

/** One block of records; its bytes are still compressed. */
export type AvroBlock = { firstRow: number; rowCount: number; start: number; end: number }

/** A block may hold one long value; values are limited by themselves. */
export const MAX_BLOCK_BYTES = 128 * 1024 * 1024
const MAX_BLOCKS = 1_000_000
/** Two integers of at most ten bytes. */
const MAX_HEADER_BYTES = 20
const MIN_WINDOW_BYTES = 32 * 1024
const MAX_WINDOW_BYTES = 8 * 1024 * 1024
/** After a block that is longer, only the next header is read, not the bytes in between. */
const LONG_BLOCK_BYTES = 512 * 1024
/** How many bytes that were read ahead are cached until the next rows are requested. */
const MAX_READ_AHEAD_BYTES = 256 * 1024

type FileLayout = {
  label: string
  recordCount: number
  syncMarker: Uint8Array
  /** Position of the first block. */
  firstBlock: number
}

/** Bytes of a file from `start` on. */
type Window = { start: number; bytes: Uint8Array }

/**
 * The rows of each block of an Avro file. The file has no index: a block begins with its number of records and its
 * size, so the blocks before a row have to be passed to find it. The index caches what it found, and returns requested
 * blocks on the way, so that a file that is read in order is read once.
 *
 * Avro 1.12 specification, *Object Container Files*.
 */
export class BlockIndex {
  readonly #layout: FileLayout
  readonly #blocks: AvroBlock[] = []
  #nextBlock: number
  #rowCount = 0
  #blockCount = 0
  /** Bytes from the next block on that were read already. */
  #window: Window
  #lastScan: Promise<unknown> = Promise.resolve()

  /** @param window bytes at the start of the file */
  constructor(layout: FileLayout, window: Uint8Array) {
    this.#layout = layout
    this.#nextBlock = layout.firstBlock
    this.#window = { start: 0, bytes: window }
  }

  /**
   * The blocks that contain rows from `from` to before `to`, and the bytes of the blocks that were read on the way.
   *
   * @throws {AppError} file-damaged, too-large; of the source
   */
  async findBlocks(
    from: number,
    to: number,
    source: CountedSource,
    signal?: AbortSignal,
  ): Promise<{ block: AvroBlock; stored: Uint8Array | null }[]> {
    const read = new Map<AvroBlock, Uint8Array>()
    // Scans change the index, so they follow one another.
    const scan = this.#lastScan.then(() => this.#scan(from, to, read, source, signal))
    this.#lastScan = scan.catch(() => undefined)
    await scan
    const found: { block: AvroBlock; stored: Uint8Array | null }[] = []
    for (let index = this.#indexOf(from); index < this.#blocks.length; index++) {
      const block = this.#blocks[index]
      if (!block || block.firstRow >= to) break
      found.push({ block, stored: read.get(block) ?? null })
    }
    return found
  }

  /** The index of the block that contains a row. */
  #indexOf(row: number): number {
    let [low, high] = [0, this.#blocks.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#blocks[middle]?.firstRow ?? 0) <= row) low = middle
      else high = middle - 1
    }
    return Math.max(0, low)
  }

  async #scan(
    from: number,
    to: number,
    read: Map<AvroBlock, Uint8Array>,
    source: CountedSource,
    signal?: AbortSignal,
  ): Promise<void> {
    const { label, recordCount, syncMarker } = this.#layout
    const isDone = () => this.#rowCount >= to && (this.#rowCount < recordCount || this.#nextBlock === source.byteLength)
    let lastBlockBytes = 0
    while (!isDone()) {
      signal?.throwIfAborted()
      const start = this.#nextBlock
      if (start >= source.byteLength) throw this.#rowCountError(`${this.#rowCount}`)
      const expectedBytes =
        lastBlockBytes > LONG_BLOCK_BYTES ? 0 : this.#expectedBytes(Math.max(0, to - this.#rowCount), source)
      await this.#extend(
        { start, end: Math.min(source.byteLength, start + MAX_HEADER_BYTES) },
        expectedBytes,
        source,
        signal,
      )
      const cursor = new ByteCursor(this.#window.bytes, label, start - this.#window.start)
      const rowCount = cursor.count()
      const storedBytes = cursor.count()
      const dataStart = this.#window.start + cursor.position
      const end = dataStart + storedBytes + SYNC_BYTES
      if (end > source.byteLength) throw damagedAvroError(label, `a block at byte ${start} reaches beyond its end`)
      if (storedBytes > MAX_BLOCK_BYTES) throw oversizedBlockError(label, MAX_BLOCK_BYTES)
      if (this.#rowCount + rowCount > recordCount) throw this.#rowCountError(`more than ${recordCount}`)
      const block = { firstRow: this.#rowCount, rowCount, start: dataStart, end: dataStart + storedBytes }
      const isRequested = rowCount > 0 && block.firstRow < to && block.firstRow + rowCount > from
      await this.#extend(
        { start: isRequested ? dataStart : block.end, end },
        isRequested ? expectedBytes : 0,
        source,
        signal,
      )
      const marker = this.#slice(block.end, end)
      if (marker.some((byte, index) => byte !== syncMarker[index]))
        throw damagedAvroError(label, `a block at byte ${start} does not end where it should`)
      if (isRequested) read.set(block, this.#slice(block.start, block.end))
      this.#add(block)
      this.#nextBlock = end
      lastBlockBytes = storedBytes
    }
    this.#releaseWindow(source)
  }

  #add(block: AvroBlock): void {
    if (++this.#blockCount > MAX_BLOCKS) {
      const { label } = this.#layout
      throw new AppError('too-large', `The ${label} has more than ${MAX_BLOCKS} blocks`, { facts: { file: label } })
    }
    if (block.rowCount > 0) this.#blocks.push(block)
    this.#rowCount += block.rowCount
  }

  /** A guess at the size of some rows, from the size of the file. */
  #expectedBytes(rowCount: number, source: CountedSource): number {
    const rowBytes = source.byteLength / Math.max(1, this.#layout.recordCount)
    return Math.min(MAX_WINDOW_BYTES, Math.max(MIN_WINDOW_BYTES, Math.ceil(rowBytes * rowCount)))
  }

  /** Makes the window contain a span, and bytes after it, so that it contains the next blocks, too. */
  async #extend(
    { start, end }: Span,
    expectedBytes: number,
    source: CountedSource,
    signal?: AbortSignal,
  ): Promise<void> {
    const window = this.#window
    const windowEnd = window.start + window.bytes.length
    if (start >= window.start && end <= windowEnd) return
    const requestedEnd = Math.min(source.byteLength, Math.max(end, start + expectedBytes))
    if (start < window.start || start >= windowEnd) {
      this.#window = { start, bytes: await source.read(start, requestedEnd, signal) }
      return
    }
    const rest = await source.read(windowEnd, requestedEnd, signal)
    const known = window.bytes.subarray(start - window.start)
    const bytes = new Uint8Array(known.length + rest.length)
    bytes.set(known)
    bytes.set(rest, known.length)
    this.#window = { start, bytes }
  }

  #slice(start: number, end: number): Uint8Array {
    return this.#window.bytes.subarray(start - this.#window.start, end - this.#window.start)
  }

  #releaseWindow(source: CountedSource): void {
    const rest = this.#window.bytes.subarray(Math.max(0, this.#nextBlock - this.#window.start))
    const isUseful = this.#nextBlock < source.byteLength && rest.length <= MAX_READ_AHEAD_BYTES
    this.#window = { start: this.#nextBlock, bytes: isUseful ? rest.slice() : new Uint8Array(0) }
  }

  #rowCountError(found: string): AppError {
    const { label, recordCount } = this.#layout
    return damagedAvroError(label, `it holds ${found} rows, but the table's manifest says ${recordCount}`)
  }
}
