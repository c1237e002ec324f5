import type { ByteSource } from '@/lib/parquet/byte-source'
import type { ColumnChunk, ParquetFooter } from '@/lib/parquet/footer'

/** Bytes `[start, end)` of a file. */
export type ByteRange = { start: number; end: number }

type Segment = ByteRange & { bytes: Uint8Array }

/** Ranges closer than this are requested together. */
const MAX_GAP_BYTES = 8 * 1024

/**
 * A file of which only some ranges are in memory, in the shape of the `Blob` that parquet-wasm reads from. A requested
 * slice is filled from those ranges, by a request for missing bytes, or with zeros inside column chunks that are not
 * needed. A decoder that did read such zeros would fail at the first page header.
 */
export class SparseFile {
  readonly size: number
  readonly #source: ByteSource
  readonly #segments: Segment[] = []
  readonly #unread: readonly ByteRange[]
  #readBytes = 0

  /** @param unread column chunks that will not be needed */
  constructor(source: ByteSource, unread: readonly ByteRange[]) {
    this.size = source.byteLength
    this.#source = source
    this.#unread = unread
  }

  /** Bytes transferred so far. */
  get readBytes(): number {
    return this.#readBytes
  }

  addSegment(start: number, bytes: Uint8Array): void {
    this.#segments.push({ start, end: start + bytes.length, bytes })
  }

  /** Reads ranges all at once, joining those close together. */
  async fetch(ranges: readonly ByteRange[]): Promise<void> {
    await Promise.all(coalesceRanges(ranges).map((range) => this.#fetchRange(range)))
  }

  /** The bytes of a range that was fetched. */
  async bytes(range: ByteRange): Promise<Uint8Array> {
    const segment = this.#segments.find(({ start, end }) => start <= range.start && end >= range.end)
    if (segment) return segment.bytes.subarray(range.start - segment.start, range.end - segment.start)
    return new Uint8Array(await this.#readRange(range))
  }

  /** Like `Blob.slice`: a negative start counts from the end. */
  slice(start: number, end: number): { size: number; arrayBuffer(): Promise<ArrayBuffer> } {
    const range = { start: start < 0 ? this.size + start : start, end: Math.min(end, this.size) }
    return { size: range.end - range.start, arrayBuffer: () => this.#readRange(range) }
  }

  async #readRange(range: ByteRange): Promise<ArrayBuffer> {
    await this.fetch(this.#missingRanges(range))
    const output = new Uint8Array(range.end - range.start)
    for (const segment of this.#segments) {
      const from = Math.max(segment.start, range.start)
      const to = Math.min(segment.end, range.end)
      if (from < to) output.set(segment.bytes.subarray(from - segment.start, to - segment.start), from - range.start)
    }
    return output.buffer
  }

  /** The parts of a range that are neither in memory nor in an unneeded chunk. */
  #missingRanges(range: ByteRange): ByteRange[] {
    let missing = [range]
    for (const { start, end } of [...this.#segments, ...this.#unread])
      missing = missing.flatMap((part) =>
        [
          { start: part.start, end: Math.min(part.end, start) },
          { start: Math.max(part.start, end), end: part.end },
        ].filter((rest) => rest.start < rest.end),
      )
    return missing
  }

  async #fetchRange({ start, end }: ByteRange): Promise<void> {
    const bytes = await this.#source.read(start, end)
    this.#readBytes += bytes.length
    this.addSegment(start, bytes)
  }
}

/** Ranges in order, those with at most {@link MAX_GAP_BYTES} between them joined. */
export function coalesceRanges(ranges: readonly ByteRange[]): ByteRange[] {
  const joined: ByteRange[] = []
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = joined.at(-1)
    if (last && start - last.end <= MAX_GAP_BYTES) last.end = Math.max(last.end, end)
    else joined.push({ start, end })
  }
  return joined
}

/** The byte range of a column chunk. */
export type ChunkRange = ByteRange & { chunk: ColumnChunk }

/** The column chunks of a file that belong to the wanted top-level columns, and those that do not. */
export function chunkRanges(
  footer: ParquetFooter,
  rowGroups: readonly number[],
  isWanted: (rootName: string) => boolean,
): { wanted: ChunkRange[]; unread: ByteRange[] } {
  const wanted: ChunkRange[] = []
  const unread: ByteRange[] = []
  for (const [index, group] of footer.rowGroups.entries())
    for (const chunk of group.columns) {
      const range = { chunk, start: chunk.startOffset, end: chunk.startOffset + chunk.storedBytes }
      const root = footer.leaves[chunk.leaf]?.path[0] ?? ''
      if (rowGroups.includes(index) && isWanted(root)) wanted.push(range)
      else unread.push(range)
    }
  return { wanted, unread }
}
