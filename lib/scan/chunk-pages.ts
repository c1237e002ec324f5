import { DamagedParquet } from '@/lib/parquet/errors'
import type { Compression } from '@/lib/parquet/decompress'
import type { ColumnChunk, RowGroup } from '@/lib/parquet/footer'
import { type PageLocation, readOffsetIndex } from '@/lib/parquet/offset-index'
import { type PageHeader, readDataPage, readDictionary, readPageHeader } from '@/lib/parquet/page'
import type { PageCodecs } from '@/lib/parquet/page-codecs'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { type ReserveMemory, memoryBytes, type Values } from '@/lib/parquet/values'
import type { Span } from './counted-source'
import { joinPages, type LeafPage, leafPageBytes, toLeafPage } from './leaf-pages'

/** A column chunk smaller than this is read whole: reading the index would cost more. */
const SMALL_CHUNK_BYTES = 32 * 1024

type Slot = {
  firstRow: number
  rowCount: number
  /** In the file if the chunk has an offset index, otherwise in `stored`. */
  spans: readonly Span[]
  decoded: LeafPage | null
}

/**
 * The pages of one column chunk, read and decoded on demand. With an offset index only the requested pages are read;
 * without one the whole chunk is read, and only the pages that contain the rows are decoded.
 *
 * A caller gets spans from `missingSpans`, reads them together with those of other columns, and passes them to
 * `accept`, until no span is missing.
 */
export class ChunkPages {
  readonly node: SchemaNode
  readonly #chunk: ColumnChunk
  readonly #compression: Compression
  readonly #group: RowGroup
  /** Null until the offset index is read, or the chunk itself. */
  #slots: Slot[] | null = null
  /** The whole chunk as stored, until all of it is decoded. */
  #stored: Uint8Array | null = null
  #dictionary: Values | null = null
  #dictionarySpan: Span | null = null
  readonly #usesOffsetIndex: boolean

  /** @param readsWhole whether all pages will be needed, so that the offset index is of no use */
  constructor(
    node: SchemaNode,
    chunk: ColumnChunk,
    group: RowGroup,
    { codecs, readsWhole = false }: { codecs: PageCodecs; readsWhole?: boolean },
  ) {
    this.node = node
    this.#chunk = chunk
    this.#compression = { codec: chunk.codec, codecs }
    this.#group = group
    this.#usesOffsetIndex =
      !readsWhole &&
      chunk.offsetIndex !== null &&
      chunk.storedBytes > SMALL_CHUNK_BYTES + 4 * chunk.offsetIndex.lengthBytes
  }

  /** Spans of the file to read before rows `[firstRow, lastRow)` of the row group can be decoded. */
  missingSpans(firstRow: number, lastRow: number): Span[] {
    const { offsetIndex, startOffset, storedBytes } = this.#chunk
    if (!this.#slots) {
      if (this.#usesOffsetIndex && offsetIndex) {
        return [{ start: offsetIndex.offset, end: offsetIndex.offset + offsetIndex.lengthBytes }]
      }
      return [{ start: startOffset, end: startOffset + storedBytes }]
    }
    if (this.#stored || !this.#usesOffsetIndex) return []
    const pendingSlots = this.#slotsInRange(firstRow, lastRow).filter((slot) => !slot.decoded)
    const spans = pendingSlots.flatMap((slot) => slot.spans)
    return pendingSlots.length > 0 && this.#dictionarySpan && !this.#dictionary
      ? [this.#dictionarySpan, ...spans]
      : spans
  }

  /** Takes the bytes of the spans from `missingSpans`, in the same order. */
  accept(firstRow: number, lastRow: number, bytes: readonly Uint8Array[], reserveMemory: ReserveMemory): void {
    const [first] = bytes
    if (!first) return
    if (!this.#slots) {
      if (this.#usesOffsetIndex) this.#parseOffsetIndex(first)
      else this.#walkPageHeaders(first, reserveMemory)
      return
    }
    let next = 0
    const pendingSlots = this.#slotsInRange(firstRow, lastRow).filter((slot) => !slot.decoded)
    if (pendingSlots.length > 0 && this.#dictionarySpan && !this.#dictionary) {
      const body = bytes[next++] ?? first
      const header = readPageHeader(body, 0)
      if (header.kind === 'dictionary') {
        const stored = body.subarray(header.start, header.end)
        this.#dictionary = readDictionary(header, stored, this.node, this.#compression, reserveMemory)
      }
    }
    for (const slot of pendingSlots) {
      const body = bytes[next++]
      if (!body) throw new DamagedParquet('a page is missing')
      slot.decoded = this.#decode(slot, [readPageHeader(body, 0)], body, reserveMemory)
    }
  }

  /** The decoded pages that contain the rows, in order. */
  pages(firstRow: number, lastRow: number, reserveMemory: ReserveMemory): LeafPage[] {
    const pages = this.#slotsInRange(firstRow, lastRow).map((slot) => {
      if (!slot.decoded) {
        const stored = this.#stored
        if (!stored) throw new DamagedParquet(`column ${this.node.path.join('.')} was not read`)
        const headers = slot.spans.map(({ start }) => readPageHeader(stored, start))
        slot.decoded = this.#decode(slot, headers, stored, reserveMemory)
      }
      return slot.decoded
    })
    if (this.#stored && this.#slots?.every((slot) => slot.decoded)) this.#stored = null
    return pages
  }

  /** Releases decoded pages of earlier rows, for a caller that reads rows in order. */
  releaseBefore(row: number): void {
    for (const slot of this.#slots ?? []) if (slot.firstRow + slot.rowCount <= row) slot.decoded = null
  }

  /** Memory of this chunk's pages. */
  memoryBytes(): number {
    let totalBytes = (this.#stored?.length ?? 0) + (this.#dictionary ? memoryBytes(this.#dictionary) : 0)
    for (const slot of this.#slots ?? []) if (slot.decoded) totalBytes += leafPageBytes(slot.decoded)
    return totalBytes
  }

  #slotsInRange(firstRow: number, lastRow: number): Slot[] {
    return (this.#slots ?? []).filter((slot) => slot.firstRow < lastRow && slot.firstRow + slot.rowCount > firstRow)
  }

  #decode(slot: Slot, headers: readonly PageHeader[], bytes: Uint8Array, reserveMemory: ReserveMemory): LeafPage {
    const pages = headers.map((header) =>
      readDataPage(
        header,
        bytes.subarray(header.start, header.end),
        this.node,
        this.#compression,
        this.#dictionary,
        reserveMemory,
      ),
    )
    return toLeafPage(joinPages(pages, this.node), this.node, slot.firstRow, slot.rowCount)
  }

  #parseOffsetIndex(bytes: Uint8Array): void {
    const locations = readOffsetIndex(bytes)
    const { startOffset, storedBytes } = this.#chunk
    const end = startOffset + storedBytes
    this.#slots = locations.map((location, i): Slot => {
      const lastRow = locations[i + 1]?.firstRow ?? this.#group.rowCount
      checkLocation(location, { lastRow, startOffset, end })
      const spans = [{ start: location.offset, end: location.offset + location.storedBytes }]
      return { firstRow: location.firstRow, rowCount: lastRow - location.firstRow, spans, decoded: null }
    })
    const [first] = locations
    if (this.#group.rowCount > 0 && first?.firstRow !== 0) {
      throw new DamagedParquet('an offset index does not begin with the first row')
    }
    if (first && first.offset > startOffset) this.#dictionarySpan = { start: startOffset, end: first.offset }
  }

  /** Walks the page headers of the whole chunk. */
  #walkPageHeaders(bytes: Uint8Array, reserveMemory: ReserveMemory): void {
    reserveMemory(bytes.length)
    const slots: Slot[] = []
    let hasRowCounts = true
    let valuesSeen = 0
    let row = 0
    for (let at = 0; at < bytes.length && valuesSeen < this.#chunk.valueCount; ) {
      const header = readPageHeader(bytes, at)
      if (header.kind === 'dictionary') {
        if (this.#dictionary) throw new DamagedParquet('a column chunk has two dictionaries')
        const body = bytes.subarray(header.start, header.end)
        this.#dictionary = readDictionary(header, body, this.node, this.#compression, reserveMemory)
      } else if (header.kind !== 'other') {
        valuesSeen += header.valueCount
        const rowCount = this.node.maxRepetition === 0 ? header.valueCount : header.rowCount
        if (rowCount === null) hasRowCounts = false
        const span = { start: at, end: header.end }
        slots.push({ firstRow: row, rowCount: rowCount ?? 0, spans: [span], decoded: null })
        row += rowCount ?? 0
      }
      at = header.end
    }
    if (valuesSeen !== this.#chunk.valueCount) {
      throw new DamagedParquet(
        `column ${this.node.path.join('.')} holds ${valuesSeen} values but claims ${this.#chunk.valueCount}`,
      )
    }
    const { rowCount } = this.#group
    if (hasRowCounts && row === rowCount) {
      this.#slots = slots
    } else if (this.node.maxRepetition === 0) {
      throw new DamagedParquet(
        `column ${this.node.path.join('.')} holds ${row} rows, but its row group has ${rowCount}`,
      )
    } else {
      // In version 1 a row may span pages, and counts of version 2 may be wrong: only the levels of all pages tell.
      const spans = slots.flatMap((slot) => slot.spans)
      this.#slots = [{ firstRow: 0, rowCount, spans, decoded: null }]
    }
    this.#stored = bytes
  }
}

function checkLocation(
  { offset, storedBytes, firstRow }: PageLocation,
  bounds: { lastRow: number; startOffset: number; end: number },
): void {
  if (offset < bounds.startOffset || offset + storedBytes > bounds.end || firstRow > bounds.lastRow) {
    throw new DamagedParquet('an offset index does not fit its column chunk')
  }
}
