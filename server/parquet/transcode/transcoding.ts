import 'server-only'
import { MAX_BLOOM_HEADER_BYTES, readBloomFilterHeader } from '@/lib/parquet/bloom-filter'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { DamagedParquet, OversizedParquet, UnsupportedParquet } from '@/lib/parquet/errors'
import {
  type ColumnChunk,
  type CopiedParts,
  MAX_FOOTER_BYTES,
  type ParquetFooter,
  type RowGroup,
} from '@/lib/parquet/footer'
import type { PageCodecs } from '@/lib/parquet/page-codecs'
import type { ThriftStruct } from '@/lib/parquet/thrift'
import { encodeFileMetadata, type WrittenChunk, type WrittenRowGroup } from '@/lib/parquet/write/file-metadata'
import { copySchema } from '@/lib/parquet/write/schema-element'
import { sum } from '@/lib/sum'
import { type AddedColumn, addedNode, writeAddedChunk } from './added-column'
import { ChunkSummary, type MeasuredLeaf, widenExtremes } from './chunk-summary'
import { type FileLayout, layoutOf } from './column-layout'
import { version } from '@/package.json'
import type { PageCompressors } from './page-compressors'
import { type ByteSink, PageQueue } from './page-queue'
import type { RowNumbers } from './row-numbers'
import type { SharedChunks } from './shared-chunks'
import { type ChunkInput, type DecodedChunk, transcodeChunk } from './transcode-chunk'

export type TranscodeOptions = {
  layout: FileLayout
  /** For the pages that are read. */
  codecs: PageCodecs
  /** For the pages that are written. */
  compressors: PageCompressors
  /** Key-value metadata to set, computed from the written row groups; all other pairs stay. */
  keyValues?: (rowGroups: readonly WrittenRowGroup[]) => Readonly<Record<string, string>>
  /** Columns of timestamps that are instants, although the file calls them local. */
  instantFieldIds?: ReadonlySet<number>
  /** Columns to add at the end of the schema. */
  addedColumns?: readonly AddedColumn[]
  /** The values that replace nulls, by field id. See {@link canFillNulls} for suitable columns. */
  filledColumns?: ReadonlyMap<number, RowNumbers>
  /** The program that the footer names; by default Lakeshore with its version. */
  createdBy?: string
  /** Receives each decoded page of the file, with nulls filled. */
  onPage?: ChunkInput['onPage']
  signal?: AbortSignal
}

export type TranscodedFile = {
  fileSizeBytes: number
  rowCount: number
  rowGroups: readonly WrittenRowGroup[]
  /** The leaf columns in the order of the schema, of all row groups; empty without rows. */
  leaves: readonly MeasuredLeaf[]
}

/**
 * Where a file ends and the next one begins: at the first row group at which it has reached `targetBytes`, unless less
 * than half of that would be left for the next one; before about `maxBytes` in each case, but not before its first row
 * group.
 */
export type FileLimits = { targetBytes: number; maxBytes: number }

const MAGIC = Buffer.from('PAR1')
/** In the form that other readers parse: program, "version", version. */
const CREATED_BY = `Lakeshore version ${version}`
const COPIED_BYTES = 1024 * 1024
const MAX_INDEX_BYTES = 256 * 1024 * 1024
/** Per row group: its filters are in memory until its pages are written. */
const MAX_BLOOM_FILTER_BYTES = 256 * 1024 * 1024

/** The contents of a file that does not exist yet: its footer, and the pages of its column chunks. */
export type FileContents = CopiedParts & {
  /** Has the pages of the chunks that are not in `chunks`, and their Bloom filters. */
  source: ByteSource
  footer: ParquetFooter
  /** The pages of column chunks that are in no file. They are asked for once, in the order of the file. */
  chunks: ReadonlyMap<ColumnChunk, () => Promise<DecodedChunk>>
}

type Index = { chunk: WrittenChunk; bytes: Uint8Array; kind: 'columnIndex' | 'offsetIndex' }

/** A row group whose pages may not be written yet. */
type QueuedGroup = {
  group: RowGroup
  sortingColumns: readonly ThriftStruct[]
  summaries: readonly { valueCount: number; summary: ChunkSummary }[]
  lastPage: number
}

/** The chunks of a file, in the order in which they are written. */
export function listChunkInputs(contents: FileContents, options: TranscodeOptions): ChunkInput[] {
  return contents.footer.rowGroups.flatMap((group) =>
    group.rowCount > 0 ? group.columns.map((chunk) => toChunkInput(contents, options, { chunk, group })) : [],
  )
}

function toChunkInput(
  { source, footer, chunks }: FileContents,
  { layout, codecs, onPage, filledColumns, signal }: TranscodeOptions,
  { chunk, group: { firstRow, rowCount } }: { chunk: ColumnChunk; group: RowGroup },
): ChunkInput {
  const node = footer.leaves[chunk.leaf]
  if (!node) throw new DamagedParquet('a row group has more columns than the schema')
  const decode = chunks.get(chunk)
  const fill = node.fieldId === null ? undefined : filledColumns?.get(node.fieldId)
  return {
    source,
    node,
    chunk,
    firstRow,
    rowCount,
    compression: { codec: chunk.codec, codecs },
    layout: layoutOf(layout, node.fieldId),
    ...(decode && { decode }),
    ...(onPage && { onPage }),
    ...(fill && { fill }),
    ...(signal && { signal }),
  }
}

function encodedBytesOf(groups: readonly RowGroup[]): number {
  return sum(groups.flatMap(({ columns }) => columns.map(({ encodedBytes }) => encodedBytes)))
}

/** One file with some of the row groups of other contents. */
export class Transcoding {
  readonly #contents: FileContents
  readonly #options: TranscodeOptions
  readonly #footer: ParquetFooter
  readonly #queue: PageQueue
  readonly #queuedGroups: QueuedGroup[] = []
  /** Those that are written; `#copiedGroups` has what each was written from. */
  readonly #rowGroups: WrittenRowGroup[] = []
  readonly #copiedGroups: RowGroup[] = []
  readonly #leaves: MeasuredLeaf[] = []
  readonly #indexes: Index[] = []
  #indexBytes = 0
  readonly #shared: SharedChunks | null
  readonly #limits: FileLimits | undefined
  /** The first row group that is not in the file, nor in an earlier one. */
  nextGroup: number

  /** @param range by default all row groups */
  constructor(
    contents: FileContents,
    sink: ByteSink,
    options: TranscodeOptions,
    shared: SharedChunks | null = null,
    { firstGroup, limits }: { firstGroup: number; limits?: FileLimits } = { firstGroup: 0 },
  ) {
    this.#contents = contents
    this.#options = options
    this.#footer = contents.footer
    this.#queue = new PageQueue(sink, options.compressors)
    this.#shared = shared
    this.#limits = limits
    this.nextGroup = firstGroup
  }

  async run(): Promise<TranscodedFile> {
    const chunks = this.#footer.rowGroups.flatMap(({ columns }) => columns)
    if (chunks.some(({ isEncrypted }) => isEncrypted)) throw new UnsupportedParquet('it has encrypted columns')
    // Before the first byte is written.
    const schema = copySchema(this.#contents.schema, {
      instantFieldIds: this.#options.instantFieldIds ?? new Set(),
      addedColumns: this.#options.addedColumns ?? [],
    })
    await this.#options.codecs.load?.(new Set(chunks.map(({ codec }) => codec)))
    await this.#queue.write(MAGIC)
    while (this.nextGroup < this.#footer.rowGroups.length && !(await this.#isFull())) await this.#queueNextGroup()
    await this.#queue.drain()
    this.#finishGroups()
    const rowGroups = this.#rowGroups
    await this.#copyBloomFilters(rowGroups)
    await this.#writeIndexes()
    await this.#writeFooter(schema, rowGroups)
    const rowCount = sum(rowGroups.map((group) => group.rowCount))
    return { fileSizeBytes: this.#queue.offset, rowCount, rowGroups, leaves: this.#leaves }
  }

  /** Whether the next row group belongs to another file. */
  async #isFull(): Promise<boolean> {
    const next = this.#footer.rowGroups[this.nextGroup]
    if (!this.#limits || !next || this.#copiedGroups.length + this.#queuedGroups.length === 0) return false
    const { targetBytes, maxBytes } = this.#limits
    const nextBytes = encodedBytesOf([next])
    const longest = this.#queue.offset + this.#queue.queuedBytes
    if (longest < targetBytes && longest + nextBytes <= maxBytes) return false
    await this.#queue.drain()
    this.#finishGroups()
    const { offset } = this.#queue
    // The row groups that are left are taken to be as compressible as those that are written.
    const share = offset / encodedBytesOf(this.#copiedGroups)
    const restBytes = encodedBytesOf(this.#footer.rowGroups.slice(this.nextGroup)) * share
    return offset + nextBytes * share > maxBytes || (offset >= targetBytes && restBytes > targetBytes / 2)
  }

  async #queueNextGroup(): Promise<void> {
    const group = this.#footer.rowGroups[this.nextGroup]
    const sortingColumns = this.#contents.sortingColumns[this.nextGroup] ?? []
    this.nextGroup += 1
    if (group && group.rowCount > 0) await this.#queueColumns(group, sortingColumns)
    this.#finishGroups()
  }

  async #queueColumns(group: RowGroup, sortingColumns: readonly ThriftStruct[]): Promise<void> {
    const { layout, addedColumns = [], signal } = this.#options
    const { firstRow, rowCount, columns } = group
    const summaries = []
    const bloomFilters: { bytes: Uint8Array; summary: ChunkSummary }[] = []
    let bloomFilterBytes = 0
    for (const chunk of columns) {
      signal?.throwIfAborted()
      const input = toChunkInput(this.#contents, this.#options, { chunk, group })
      const summary = new ChunkSummary(input.node, input.layout)
      const bloomFilter = await (this.#shared
        ? this.#shared.write(input, this.#queue, summary)
        : transcodeChunk(input, this.#queue, summary))
      summaries.push({ valueCount: chunk.valueCount, summary })
      if (bloomFilter === null) continue
      bloomFilterBytes += bloomFilter.length
      if (bloomFilterBytes > MAX_BLOOM_FILTER_BYTES) throw new OversizedParquet('its Bloom filters would be too long')
      bloomFilters.push({ bytes: bloomFilter, summary })
    }
    for (const [i, column] of addedColumns.entries()) {
      const node = addedNode(column, this.#footer.leaves.length + i)
      const target = { node, layout: layoutOf(layout, column.fieldId), queue: this.#queue }
      summaries.push({ valueCount: rowCount, summary: await writeAddedChunk(column, { firstRow, rowCount }, target) })
    }
    for (const { bytes: filter, summary } of bloomFilters) {
      await this.#queue.addBytes(filter, (offset) => {
        summary.bloomFilter = { offset, lengthBytes: filter.length }
      })
    }
    this.#queuedGroups.push({ group, sortingColumns, summaries, lastPage: this.#queue.addedCount })
  }

  /** Completes the row groups whose pages are written. */
  #finishGroups(): void {
    for (;;) {
      const [next] = this.#queuedGroups
      if (!next || next.lastPage > this.#queue.writtenCount) return
      this.#queuedGroups.shift()
      const columns = next.summaries.map(({ valueCount, summary }, leaf) => {
        this.#addMeasured(leaf, summary, valueCount)
        const { chunk, columnIndex, offsetIndex } = summary.finish(valueCount)
        this.#keepIndex('columnIndex', chunk, columnIndex)
        this.#keepIndex('offsetIndex', chunk, offsetIndex)
        return chunk
      })
      this.#rowGroups.push({
        rowCount: next.group.rowCount,
        startOffset: columns[0]?.dictionaryPageOffset ?? columns[0]?.dataPageOffset ?? 0,
        columns,
        sortingColumns: next.sortingColumns,
      })
      this.#copiedGroups.push(next.group)
    }
  }

  /** Adds a row group; the summary has all its pages. */
  #addMeasured(leaf: number, summary: ChunkSummary, valueCount: number): void {
    const added = summary.measure(valueCount)
    const before = this.#leaves[leaf]
    this.#leaves[leaf] = before
      ? {
          ...added,
          valueCount: before.valueCount + added.valueCount,
          nullCount: before.nullCount + added.nullCount,
          nanCount: before.nanCount + added.nanCount,
          extremes: widenExtremes(summary.order, before.extremes, added.extremes),
        }
      : added
  }

  #keepIndex(kind: Index['kind'], chunk: WrittenChunk, bytes: Uint8Array | null): void {
    if (bytes === null) return
    this.#indexBytes += bytes.length
    if (this.#indexBytes > MAX_INDEX_BYTES) throw new OversizedParquet('the indexes of its pages are too long')
    this.#indexes.push({ kind, chunk, bytes })
  }

  async #copyBloomFilters(rowGroups: readonly WrittenRowGroup[]): Promise<void> {
    for (const [i, { columns }] of this.#copiedGroups.entries()) {
      for (const [j, { leaf, bloomFilter }] of columns.entries()) {
        const written = rowGroups[i]?.columns[j]
        const fieldId = this.#footer.leaves[leaf]?.fieldId ?? null
        const layout = layoutOf(this.#options.layout, fieldId)
        // It lacks the values that replaced nulls.
        if (fieldId !== null && this.#options.filledColumns?.has(fieldId)) continue
        if (!written || bloomFilter === null || layout.bloomFilter === 'drop' || written.bloomFilter !== null) continue
        const offset = this.#queue.offset
        if (await this.#copyBloomFilter(bloomFilter.offset)) {
          written.bloomFilter = { offset, lengthBytes: this.#queue.offset - offset }
        }
      }
    }
  }

  /** @returns false if it is of an unknown kind */
  async #copyBloomFilter(start: number): Promise<boolean> {
    const { source } = this.#contents
    const { byteLength } = source
    const { signal } = this.#options
    if (start < 0 || start >= byteLength) throw new DamagedParquet('a bloom filter is outside the file')
    const first = await source.read(start, Math.min(byteLength, start + MAX_BLOOM_HEADER_BYTES), signal)
    const { headerBytes, bitsetBytes, isKnownKind } = readBloomFilterHeader(first)
    if (!isKnownKind) return false
    const end = start + headerBytes + bitsetBytes
    if (end > byteLength) throw new DamagedParquet(`a bloom filter of ${bitsetBytes} bytes ends outside the file`)
    for (let at = start; at < end; at += COPIED_BYTES) {
      await this.#queue.write(await source.read(at, Math.min(end, at + COPIED_BYTES), signal))
    }
    return true
  }

  /** All column indexes, then all offset indexes, as readers expect that fetch them together. */
  async #writeIndexes(): Promise<void> {
    for (const requested of ['columnIndex', 'offsetIndex'] as const) {
      for (const { kind, chunk, bytes } of this.#indexes) {
        if (kind !== requested) continue
        chunk[kind] = { offset: this.#queue.offset, lengthBytes: bytes.length }
        await this.#queue.write(bytes)
      }
    }
  }

  async #writeFooter(schema: ReturnType<typeof copySchema>, rowGroups: readonly WrittenRowGroup[]): Promise<void> {
    const keyValues = this.#options.keyValues?.(rowGroups) ?? {}
    const retained = this.#footer.keyValues.filter(({ key }) => !Object.hasOwn(keyValues, key))
    const metadata = encodeFileMetadata({
      formatVersion: this.#footer.formatVersion,
      schema,
      rowGroups,
      keyValues: [...retained, ...Object.entries(keyValues).map(([key, value]) => ({ key, value }))],
      createdBy: this.#options.createdBy ?? CREATED_BY,
      leafCount: this.#footer.leaves.length + (this.#options.addedColumns?.length ?? 0),
    })
    if (metadata.length > MAX_FOOTER_BYTES) throw new OversizedParquet('the footer would be too long')
    const tail = new Uint8Array(8)
    new DataView(tail.buffer).setUint32(0, metadata.length, true)
    tail.set(MAGIC, 4)
    await this.#queue.write(metadata)
    await this.#queue.write(tail)
  }
}
