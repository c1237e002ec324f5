import { DamagedParquet } from '@/lib/parquet/damaged'
import type { ColumnChunk, RowGroup } from '@/lib/parquet/footer'
import { type PageLocation, readOffsetIndex } from '@/lib/parquet/offset-index'
import { type PageHeader, readDataPage, readDictionary, readPageHeader } from '@/lib/parquet/page'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { type Allow, heldBytes, type Values } from '@/lib/parquet/values'
import type { Span } from './counted-source'
import { joinPages, type LeafPage, leafPageBytes, toLeafPage } from './leaf-pages'

/** Below this, a column chunk is read whole rather than by its pages: asking for the index would cost more. */
const SMALL_CHUNK_BYTES = 32 * 1024

type Slot = {
  firstRow: number
  rowCount: number
  /** In the file where an offset index says so, else in `stored`. */
  spans: readonly Span[]
  decoded: LeafPage | null
}

/**
 * The pages of one column chunk, read and decoded as rows are asked for: by its offset index where it has one, else
 * the whole chunk is read and only the pages that hold the rows are decoded.
 *
 * A caller asks `missing` for spans, reads them together with those of other columns, and hands them to `accept`,
 * until nothing is missing.
 */
export class ChunkPages {
  readonly node: SchemaNode
  private readonly chunk: ColumnChunk
  private readonly group: RowGroup
  /** Null until the offset index is read, or the chunk itself. */
  private slots: Slot[] | null = null
  /** The whole chunk as stored, until all of it is decoded. */
  private stored: Uint8Array | null = null
  private dictionary: Values | null = null
  private dictionarySpan: Span | null = null
  private readonly byIndex: boolean

  constructor(node: SchemaNode, chunk: ColumnChunk, group: RowGroup) {
    this.node = node
    this.chunk = chunk
    this.group = group
    this.byIndex =
      chunk.offsetIndex !== null && chunk.storedBytes > SMALL_CHUNK_BYTES + 4 * chunk.offsetIndex.lengthBytes
  }

  /** Spans of the file to read before rows `[firstRow, lastRow)` of the row group can be decoded. */
  missing(firstRow: number, lastRow: number): Span[] {
    const { offsetIndex, startOffset, storedBytes } = this.chunk
    if (!this.slots) {
      if (this.byIndex && offsetIndex) {
        return [{ start: offsetIndex.offset, end: offsetIndex.offset + offsetIndex.lengthBytes }]
      }
      return [{ start: startOffset, end: startOffset + storedBytes }]
    }
    if (this.stored || !this.byIndex) return []
    const wanted = this.slotsOf(firstRow, lastRow).filter((slot) => !slot.decoded)
    const spans = wanted.flatMap((slot) => slot.spans)
    return wanted.length > 0 && this.dictionarySpan && !this.dictionary ? [this.dictionarySpan, ...spans] : spans
  }

  /** Takes the bytes of what `missing` asked for, in its order. */
  accept(firstRow: number, lastRow: number, bytes: readonly Uint8Array[], allow: Allow): void {
    const [first] = bytes
    if (!first) return
    if (!this.slots) {
      if (this.byIndex) this.takeIndex(first)
      else this.takeChunk(first, allow)
      return
    }
    let next = 0
    const wanted = this.slotsOf(firstRow, lastRow).filter((slot) => !slot.decoded)
    if (wanted.length > 0 && this.dictionarySpan && !this.dictionary) {
      const body = bytes[next++] ?? first
      const header = readPageHeader(body, 0)
      if (header.kind === 'dictionary') {
        const stored = body.subarray(header.start, header.end)
        this.dictionary = readDictionary(header, stored, this.node, this.chunk.codec, allow)
      }
    }
    for (const slot of wanted) {
      const body = bytes[next++]
      if (!body) throw new DamagedParquet('a page is missing')
      slot.decoded = this.decode(slot, [readPageHeader(body, 0)], body, allow)
    }
  }

  /** The decoded pages that hold the rows, in order. */
  pages(firstRow: number, lastRow: number, allow: Allow): LeafPage[] {
    const pages = this.slotsOf(firstRow, lastRow).map((slot) => {
      if (!slot.decoded) {
        const { stored } = this
        if (!stored) throw new DamagedParquet(`column ${this.node.path.join('.')} was not read`)
        const headers = slot.spans.map(({ start }) => readPageHeader(stored, start))
        slot.decoded = this.decode(slot, headers, stored, allow)
      }
      return slot.decoded
    })
    if (this.stored && this.slots?.every((slot) => slot.decoded)) this.stored = null
    return pages
  }

  /** Memory this holds. */
  heldBytes(): number {
    let held = (this.stored?.length ?? 0) + (this.dictionary ? heldBytes(this.dictionary) : 0)
    for (const slot of this.slots ?? []) if (slot.decoded) held += leafPageBytes(slot.decoded)
    return held
  }

  private slotsOf(firstRow: number, lastRow: number): Slot[] {
    return (this.slots ?? []).filter((slot) => slot.firstRow < lastRow && slot.firstRow + slot.rowCount > firstRow)
  }

  private decode(slot: Slot, headers: readonly PageHeader[], bytes: Uint8Array, allow: Allow): LeafPage {
    const pages = headers.map((header) =>
      readDataPage(
        header,
        bytes.subarray(header.start, header.end),
        this.node,
        this.chunk.codec,
        this.dictionary,
        allow,
      ),
    )
    return toLeafPage(joinPages(pages), this.node, slot.firstRow, slot.rowCount)
  }

  private takeIndex(bytes: Uint8Array): void {
    const locations = readOffsetIndex(bytes)
    const { startOffset, storedBytes } = this.chunk
    const end = startOffset + storedBytes
    this.slots = locations.map((location, i): Slot => {
      const lastRow = locations[i + 1]?.firstRow ?? this.group.rowCount
      checkLocation(location, { lastRow, startOffset, end })
      const spans = [{ start: location.offset, end: location.offset + location.storedBytes }]
      return { firstRow: location.firstRow, rowCount: lastRow - location.firstRow, spans, decoded: null }
    })
    const [first] = locations
    if (this.group.rowCount > 0 && first?.firstRow !== 0) {
      throw new DamagedParquet('an offset index does not begin with the first row')
    }
    if (first && first.offset > startOffset) this.dictionarySpan = { start: startOffset, end: first.offset }
  }

  /** Walks the page headers of the whole chunk. */
  private takeChunk(bytes: Uint8Array, allow: Allow): void {
    allow(bytes.length)
    const slots: Slot[] = []
    const spans: Span[] = []
    let values = 0
    let row = 0
    for (let at = 0; at < bytes.length && values < this.chunk.valueCount; ) {
      const header = readPageHeader(bytes, at)
      if (header.kind === 'dictionary') {
        if (this.dictionary) throw new DamagedParquet('a column chunk has two dictionaries')
        const body = bytes.subarray(header.start, header.end)
        this.dictionary = readDictionary(header, body, this.node, this.chunk.codec, allow)
      } else if (header.kind !== 'other') {
        values += header.valueCount
        const rowCount = this.node.maxRepetition === 0 ? header.valueCount : header.rowCount
        // A row may span pages of version 1, so that a column that repeats is taken as a whole.
        if (rowCount === null) spans.push({ start: at, end: header.end })
        else slots.push({ firstRow: row, rowCount, spans: [{ start: at, end: header.end }], decoded: null })
        row += rowCount ?? 0
      }
      at = header.end
    }
    if (values !== this.chunk.valueCount) {
      throw new DamagedParquet(
        `column ${this.node.path.join('.')} holds ${values} values and claims ${this.chunk.valueCount}`,
      )
    }
    if (spans.length > 0) {
      if (slots.length > 0) throw new DamagedParquet('a column chunk mixes pages of two versions')
      slots.push({ firstRow: 0, rowCount: this.group.rowCount, spans, decoded: null })
      row = this.group.rowCount
    }
    if (row !== this.group.rowCount) {
      throw new DamagedParquet(
        `column ${this.node.path.join('.')} holds ${row} rows, its row group ${this.group.rowCount}`,
      )
    }
    this.slots = slots
    this.stored = bytes
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
