import 'server-only'
import type { Encoding } from '@/lib/parquet/footer'
import type { PhysicalType, SchemaNode } from '@/lib/parquet/schema-node'
import { cutLowerBound, cutUpperBound } from '@/lib/parquet/write/cut-bound'
import type { PageKind, WrittenBound, WrittenChunk, WrittenStatistics } from '@/lib/parquet/write/file-metadata'
import type { Extremes } from '@/lib/parquet/write/find-extremes'
import { encodeColumnIndex, encodeOffsetIndex, type WrittenPage } from '@/lib/parquet/write/page-index'
import { compareValues, orderOf, type ValueOrder } from '@/lib/parquet/write/value-order'
import type { ColumnLayout } from './column-layout'
import type { StoredRange } from './page-queue'

/** The content of a data page, known before it is written. */
export type PageContents = Pick<WrittenPage, 'firstRow' | 'nullCount' | 'byteArrayBytes' | 'isNull'> & {
  encoding: Encoding
  extremes: Extremes | null
  nanCount: number
}

/** The values of a leaf column, as metrics of a file count them: nulls at all levels are values, too. */
export type MeasuredLeaf = {
  path: readonly string[]
  physicalType: PhysicalType
  valueCount: number
  nullCount: number
  nanCount: number
  /** Whole; null if the type has no order, and without values that are a number. */
  extremes: Extremes | null
}

const MAX_PAGE_BOUND_BYTES = 64
const MAX_CHUNK_BOUND_BYTES = 256
/** A bound that cannot be rounded up is stored whole, unless it is longer. */
const MAX_WHOLE_BOUND_BYTES = 4096

/** Receives the pages of a column chunk when they are written. */
export type PageSummary = Pick<ChunkSummary, 'order' | 'addDictionary' | 'addPage' | 'hasSplitRows'>

/** A column chunk while its pages are written. */
export class ChunkSummary {
  readonly order: ValueOrder | null
  readonly #node: SchemaNode
  readonly #layout: ColumnLayout
  readonly #pages: WrittenPage[] = []
  readonly #pageCounts = new Map<string, WrittenChunk['pages'][number]>()
  #extremes: Extremes | null = null
  #nullCount = 0
  #nanCount = 0
  #byteArrayBytes: number | null = null
  #encodedBytes = 0
  #storedBytes = 0
  #dataPageOffset: number | null = null
  #dictionaryPageOffset: number | null = null
  /** Whether a page begins in the middle of a row, so that no row can be found by an index. */
  hasSplitRows = false
  /** That was made from the values, once it is written. */
  bloomFilter: WrittenChunk['bloomFilter'] = null

  constructor(node: SchemaNode, layout: ColumnLayout) {
    this.#node = node
    this.#layout = layout
    this.order = orderOf(node)
  }

  addDictionary(encoding: Encoding, range: StoredRange): void {
    this.#dictionaryPageOffset = range.offset
    this.#count('dictionary', encoding, range)
  }

  addPage(kind: PageKind, contents: PageContents, range: StoredRange): void {
    const { encoding, extremes, nanCount, ...page } = contents
    this.#dataPageOffset ??= range.offset
    this.#count(kind, encoding, range)
    this.#nullCount += page.nullCount
    this.#nanCount += nanCount
    if (page.byteArrayBytes !== null) this.#byteArrayBytes = (this.#byteArrayBytes ?? 0) + page.byteArrayBytes
    this.#extremes = widenExtremes(this.order, this.#extremes, extremes)
    this.#pages.push({
      ...page,
      offset: range.offset,
      storedBytes: range.storedBytes,
      bounds: this.#layout.statistics === 'page' ? this.#toBounds(extremes) : null,
    })
  }

  /** The chunk, and its indexes, which are not written yet. */
  finish(valueCount: number): {
    chunk: WrittenChunk
    offsetIndex: Uint8Array | null
    columnIndex: Uint8Array | null
  } {
    const { leaf, path } = this.#node
    if (!leaf || this.#dataPageOffset === null) throw new Error(`${path.join('.')} has no pages`)
    const { statistics, codec } = this.#layout
    const hasColumnIndex = statistics === 'page' && this.order !== null && !this.hasSplitRows
    return {
      chunk: {
        physicalType: leaf.physicalType,
        path,
        codec,
        valueCount,
        nullCount: this.#nullCount,
        encodedBytes: this.#encodedBytes,
        storedBytes: this.#storedBytes,
        dataPageOffset: this.#dataPageOffset,
        dictionaryPageOffset: this.#dictionaryPageOffset,
        pages: [...this.#pageCounts.values()],
        statistics: statistics === 'none' ? null : this.#toStatistics(),
        byteArrayBytes: this.#byteArrayBytes,
        columnIndex: null,
        offsetIndex: null,
        bloomFilter: this.bloomFilter,
      },
      offsetIndex: this.hasSplitRows ? null : encodeOffsetIndex(this.#pages),
      columnIndex: hasColumnIndex && this.order ? encodeColumnIndex(this.#pages, this.order) : null,
    }
  }

  /** The values of all pages that were written. */
  measure(valueCount: number): MeasuredLeaf {
    const { leaf, path } = this.#node
    if (!leaf) throw new Error(`${path.join('.')} holds no values`)
    return {
      path,
      physicalType: leaf.physicalType,
      valueCount,
      nullCount: this.#nullCount,
      nanCount: this.#nanCount,
      extremes: this.#extremes,
    }
  }

  #count(kind: PageKind, encoding: Encoding, { encodedBytes, storedBytes }: StoredRange): void {
    const key = `${kind} ${encoding}`
    this.#pageCounts.set(key, { kind, encoding, count: (this.#pageCounts.get(key)?.count ?? 0) + 1 })
    this.#encodedBytes += encodedBytes
    this.#storedBytes += storedBytes
  }

  #toBounds(extremes: Extremes | null): WrittenPage['bounds'] {
    if (extremes === null) return null
    const max = this.#upperBound(extremes.max, MAX_PAGE_BOUND_BYTES)
    return max && { min: this.#lowerBound(extremes.min, MAX_PAGE_BOUND_BYTES), max }
  }

  #toStatistics(): WrittenStatistics {
    const extremes = this.#extremes
    if (extremes === null) return { min: null, max: null }
    const min = this.#lowerBound(extremes.min, MAX_CHUNK_BOUND_BYTES)
    const max = this.#upperBound(extremes.max, MAX_CHUNK_BOUND_BYTES)
    return {
      min: toBound(min, extremes.min),
      max: max && toBound(max, extremes.max),
    }
  }

  #lowerBound(value: Uint8Array, maxBytes: number): Uint8Array {
    return this.order?.kind === 'bytes' ? cutLowerBound(value, maxBytes, this.order.isText) : value
  }

  #upperBound(value: Uint8Array, maxBytes: number): Uint8Array | null {
    if (this.order?.kind !== 'bytes') return value
    const cut = cutUpperBound(value, maxBytes, this.order.isText)
    return cut ?? (value.length <= MAX_WHOLE_BOUND_BYTES ? value : null)
  }
}

/** The lowest and highest of both. */
export function widenExtremes(order: ValueOrder | null, one: Extremes | null, other: Extremes | null): Extremes | null {
  if (order === null || one === null || other === null) return one ?? other
  return {
    min: compareValues(order, other.min, one.min) < 0 ? other.min : one.min,
    max: compareValues(order, other.max, one.max) > 0 ? other.max : one.max,
  }
}

function toBound(bound: Uint8Array, value: Uint8Array): WrittenBound {
  return { value: bound, isExact: bound === value }
}
