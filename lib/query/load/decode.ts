import { RecordBatchStreamWriter, type RecordBatch } from 'apache-arrow'
import { AppError } from '@/lib/errors'
import { childFields } from '@/lib/iceberg/schema/child-fields'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { ByteSource } from '@/lib/parquet/byte-source'
import type { ReserveMemory } from '@/lib/parquet/values'
import { DECODE_LIMITS, toMebibytes } from '@/lib/parquet/decode-limits'
import { OversizedParquet, withFileName } from '@/lib/parquet/errors'
import type { ColumnChunk } from '@/lib/parquet/footer'
import type { DataFileCodecs } from '@/lib/scan/read/file-facts'
import { requireHeldTimes } from '@/lib/query/duckdb/held-times'
import { ChunkPages } from '@/lib/scan/chunk-pages'
import type { ReadTally, Span } from '@/lib/scan/counted-source'
import { MAX_DICTIONARY_BYTES } from '@/lib/scan/prune/prune-row-group'
import type { OpenAvroFile } from '@/lib/scan/read/avro/avro-file'
import { avroColumnIds } from '@/lib/scan/read/avro/avro-fields'
import { fetchGroup, type OpenDataFile, openDataFile, type OpenParquetFile } from '@/lib/scan/read/data-file'
import type { DeletedRows } from '@/lib/scan/deletes/deleted-rows'
import type { DeleteLoader } from '@/lib/scan/deletes/delete-loader'
import { fetchMatches, rangesToRead } from './filter-rows'
import { BATCH_ROWS, createBatchJoiner, type DecodedBatch } from './join-batches'
import { fileColumns } from '@/lib/scan/read/file-columns'
import { createBudget } from '@/lib/scan/read/create-budget'
import { toArrowBatch } from '@/lib/scan/read/to-arrow'
import type { RowValue } from '@/lib/scan/read/row-values'
import { isValid, takeValues, type Vector, vectorBytes } from '@/lib/scan/read/vector'
import { vectorOf } from '@/lib/scan/read/vector-of'
import type {
  ColumnRequest,
  ColumnSize,
  ColumnSpans,
  DecodedColumns,
  FooterSummary,
  LoadableDelete,
  LoadableFile,
  RowGroupSummary,
} from './decode-messages'

/** The facts of a file that its decoding depends on; the rest is about how to fetch it. */
export type FileFacts = Pick<
  LoadableFile,
  'fileFormat' | 'recordCount' | 'tailBytes' | 'constants' | 'nameMapping' | 'hasOwnColumns' | 'origin'
>

export type OpenFile = OpenDataFile & { footerReadBytes: number }

export type ColumnSelection = ColumnRequest & {
  /** Rows that are left out; none by default. */
  deleted?: DeletedRows | null
}

/**
 * Reads the footer of a Parquet file, or the header of an Avro file.
 *
 * @throws {AppError} file-damaged, file-missing, not-supported (neither field ids nor a name mapping)
 */
export async function openFile(
  source: ByteSource,
  { tailBytes, ...facts }: FileFacts,
  codecs: DataFileCodecs,
): Promise<OpenFile> {
  const tally: ReadTally = { bytesRead: 0, requests: 0 }
  return await withFileName(source.name, async () => {
    const file = await openDataFile(source, facts, { codecs, tally, tailBytes })
    return { ...file, footerReadBytes: tally.bytesRead }
  })
}

/** The facts of a file that a load needs to choose row groups and to estimate sizes. */
export function summarizeFooter(file: OpenFile): FooterSummary {
  const rowGroups = file.format === 'avro' ? summarizeAvroGroups(file) : summarizeParquetGroups(file)
  const hasOwnColumns = file.format === 'parquet' && file.facts.hasOwnColumns === true
  return {
    rowGroups,
    byteLength: file.source.byteLength,
    readBytes: file.footerReadBytes,
    ...(file.format === 'parquet' && { cachedFrom: file.source.cachedFrom }),
    ...(hasOwnColumns && { fields: fileColumns(file.footer) }),
  }
}

function summarizeParquetGroups({ footer, fieldIdOf }: OpenParquetFile): RowGroupSummary[] {
  const rootIds = new Map(footer.schema.children.map((root) => [root.name, fieldIdOf(root)]))
  return footer.rowGroups.map(({ rowCount, columns }) => {
    const sizes = new Map<number, ColumnSize>()
    for (const chunk of columns) {
      const { leaf, storedBytes, encodedBytes, byteArrayBytes } = chunk
      const fieldId = rootIds.get(footer.leaves[leaf]?.path[0] ?? '') ?? null
      if (fieldId === null) continue
      const previous = sizes.get(fieldId)
      sizes.set(fieldId, {
        fieldId,
        storedBytes: storedBytes + (previous?.storedBytes ?? 0),
        encodedBytes: encodedBytes + (previous?.encodedBytes ?? 0),
        byteArrayBytes:
          byteArrayBytes === null
            ? (previous?.byteArrayBytes ?? null)
            : byteArrayBytes + (previous?.byteArrayBytes ?? 0),
        spans: addSpans(previous?.spans, chunk),
      })
    }
    return { rowCount, columns: [...sizes.values()] }
  })
}

function addSpans(
  { chunks, offsetIndexes, filterIndexes }: ColumnSpans = { chunks: [], offsetIndexes: [], filterIndexes: [] },
  chunk: ColumnChunk,
): ColumnSpans {
  const { startOffset, storedBytes, dataPageOffset, offsetIndex, columnIndex, bloomFilter } = chunk
  const dictionaryBytes = dataPageOffset - startOffset
  const toSpans = (range: { offset: number; lengthBytes: number | null } | null): Span[] =>
    range === null ? [] : [{ start: range.offset, end: range.offset + (range.lengthBytes ?? 0) }]
  return {
    chunks: [...chunks, { start: startOffset, end: startOffset + storedBytes }],
    offsetIndexes: [...offsetIndexes, ...toSpans(offsetIndex)],
    filterIndexes: [
      ...filterIndexes,
      ...(columnIndex === null || offsetIndex === null ? [] : [...toSpans(columnIndex), ...toSpans(offsetIndex)]),
      ...toSpans(bloomFilter),
      ...(dictionaryBytes <= 0 || dictionaryBytes > MAX_DICTIONARY_BYTES
        ? []
        : [{ start: startOffset, end: dataPageOffset }]),
    ],
  }
}

/** How much longer values are than compressed records, on average. */
const AVRO_EXPANSION = 4

/** Records are compressed with all their columns, so the share of a column is not known. */
function summarizeAvroGroups(file: OpenAvroFile): RowGroupSummary[] {
  const { facts, source, rowGroups } = file
  const fieldIds = avroColumnIds(file)
  const columnCount = Math.max(1, fieldIds.length)
  return rowGroups.map(({ rowCount }) => {
    const storedTogetherBytes = Math.ceil((source.byteLength * rowCount) / Math.max(1, facts.recordCount))
    const storedBytes = Math.ceil(storedTogetherBytes / columnCount)
    const encodedBytes = file.codec === 'null' ? storedBytes : AVRO_EXPANSION * storedBytes
    const columns = fieldIds.map((fieldId) => ({ fieldId, storedBytes, encodedBytes, byteArrayBytes: null }))
    return { rowCount, columns, storedTogetherBytes }
  })
}

/** The deleted rows of a file; null if no delete file applies to it. Throws as `DeleteLoader.load`. */
export async function loadDeletedRows(
  loader: DeleteLoader<LoadableDelete>,
  { name: path, recordCount, deletes }: Pick<LoadableFile, 'name' | 'recordCount' | 'deletes'>,
  file: OpenFile,
): Promise<DeletedRows | null> {
  return deletes.length === 0 ? null : await loader.load({ path, recordCount, deletes }, () => Promise.resolve(file))
}

/** The number of rows of each row group that are not deleted. */
export function countRemainingRows({ rowGroups }: OpenFile, deleted: DeletedRows | null): number[] {
  return rowGroups.map(({ firstRow, rowCount }) => rowCount - (deleted?.countIn(firstRow, firstRow + rowCount) ?? 0))
}

/**
 * Decodes column chunks of some row groups to Arrow, reading only those chunks.
 *
 * @param onDecode is called each time before bytes are decoded, which blocks the thread
 * @throws {AppError} too-large when they exceed {@link DECODE_LIMITS}, file-damaged, file-missing, not-supported,
 *   also for a date or a time that DuckDB cannot hold
 */
export async function decodeColumns(
  file: OpenFile,
  selection: ColumnSelection,
  onDecode: () => void = () => undefined,
): Promise<DecodedColumns> {
  const { fields } = selection
  const tally: ReadTally = { bytesRead: 0, requests: 0 }
  const counted = { ...file, source: file.source.withTally(tally) }
  const batches: Uint8Array[] = []
  const reserveResult = createResultBudget()
  const clock = createClock(onDecode)
  let rowCount = 0
  const joiner = createBatchJoiner(({ columns, length }) => {
    const batch = toArrowBatch(fields, columns, length)
    requireHeldTimes(batch)
    batches.push(toIpcStream(batch))
  }, createRowsBudget)
  await withFileName(file.source.name, async () => {
    for (const index of selection.rowGroups) {
      if (!file.rowGroups[index]) continue
      const read = selection.predicate ? readMatchingRows : readRows
      for await (const batch of read(counted, index, selection, clock)) {
        clock.decode(() => {
          batch.columns.forEach((column, i) => reserveResult(column, fields[i]))
          joiner.add(batch)
        })
        rowCount += batch.length
      }
    }
    clock.decode(joiner.finish)
  })
  return { batches, rowCount, readBytes: tally.bytesRead, fetched: clock.fetched(), decodeMs: clock.decodeMs() }
}

/** Rows of a row group that are not deleted, all of whose bytes are fetched at once. */
async function* readRows(
  file: OpenDataFile,
  index: number,
  { fields, deleted = null }: ColumnSelection,
  clock: Clock,
): AsyncGenerator<DecodedBatch, void> {
  const { firstRow = 0, rowCount = 0 } = file.rowGroups[index] ?? {}
  const chunks = new Map<number, ChunkPages>()
  const request = { from: 0, to: rowCount, fields, chunks, readsWhole: true, reserveMemory: createRowsBudget() }
  const read = await clock.fetch(() => fetchGroup(file, index, request))
  for (let from = 0; from < rowCount; from += BATCH_ROWS) {
    const to = Math.min(rowCount, from + BATCH_ROWS)
    const retained = deleted?.remaining(firstRow + from, firstRow + to) ?? null
    const length = retained?.length ?? to - from
    const reserveMemory = createRowsBudget()
    if (length > 0)
      yield { columns: clock.decode(() => takeRows(read(from, to, reserveMemory), retained, reserveMemory)), length }
    for (const chunk of chunks.values()) chunk.releaseBefore(to)
  }
}

/** Rows of a row group that pass and are not deleted. Other columns are read where some rows do. */
async function* readMatchingRows(
  file: OpenDataFile,
  index: number,
  { fields, deleted = null, predicate = { kind: 'true' } }: ColumnSelection,
  clock: Clock,
): AsyncGenerator<DecodedBatch, void> {
  const chunks = new Map<number, ChunkPages>()
  const reserveStored = createRowsBudget()
  const ranges = await clock.fetch(() => rangesToRead(file, index, predicate, reserveStored))
  for (const range of ranges) {
    for (let from = range.from; from < range.to; from += BATCH_ROWS) {
      const to = Math.min(range.to, from + BATCH_ROWS)
      const comparing = { predicate, deleted, reserveMemory: reserveStored }
      const rows = clock.decode(await clock.fetch(() => fetchMatches(file, index, { from, to, chunks }, comparing)))
      if (rows !== null) {
        const request = { from: rows.from, to: rows.to, fields, chunks, reserveMemory: reserveStored }
        const read = await clock.fetch(() => fetchGroup(file, index, request))
        const reserveMemory = createRowsBudget()
        const decode = () => takeRows(read(rows.from, rows.to, reserveMemory), rows.indexes, reserveMemory)
        yield { columns: clock.decode(decode), length: rows.indexes.length }
      }
      for (const chunk of chunks.values()) chunk.releaseBefore(to)
    }
  }
}

function takeRows(
  columns: readonly Vector[],
  indexes: Int32Array | null,
  reserveMemory: ReserveMemory,
): readonly Vector[] {
  const isWhole = indexes === null || columns.every(({ length }) => length === indexes.length)
  return isWhole ? columns : columns.map((column) => takeValues(column, indexes, reserveMemory))
}

type Clock = ReturnType<typeof createClock>

/** How long bytes were waited for, and how long they were decoded. */
function createClock(onDecode: () => void) {
  const fetched = { fromMs: Number.POSITIVE_INFINITY, toMs: 0 }
  let decodeMs = 0
  return {
    async fetch<T>(work: () => Promise<T>): Promise<T> {
      fetched.fromMs = Math.min(fetched.fromMs, performance.timeOrigin + performance.now())
      const result = await work()
      fetched.toMs = performance.timeOrigin + performance.now()
      onDecode()
      return result
    },
    decode<T>(work: () => T): T {
      const startedAt = performance.now()
      const result = work()
      decodeMs += performance.now() - startedAt
      return result
    },
    fetched: () => (fetched.toMs === 0 ? { fromMs: 0, toMs: 0 } : fetched),
    decodeMs: () => decodeMs,
  }
}

/** An Arrow IPC stream of one batch. */
export function toIpcStream(batch: RecordBatch): Uint8Array {
  const writer = new RecordBatchStreamWriter()
  writer.write(batch)
  writer.finish()
  return writer.toUint8Array(true)
}

const TOO_LARGE = `these rows take more than ${toMebibytes(DECODE_LIMITS.decodedBytes)} of memory; leave the column out to read the others`

/** Bounds the memory of values that are decoded at a time. */
const createRowsBudget = () => createBudget(DECODE_LIMITS.decodedBytes, () => TOO_LARGE)

/** Memory of the result in DuckDB, where each row has a copy of a value that a dictionary or a constant holds once. */
function createResultBudget(): (column: Vector, field: NestedField | undefined) => void {
  let remainingBytes = DECODE_LIMITS.decodedBytes
  return (column, field) => {
    const name = field?.name ?? ''
    const { totalBytes, longestBytes } = expandedBytes(column, field?.type)
    if (longestBytes > DECODE_LIMITS.valueBytes) {
      throw new OversizedParquet(
        `column ${name}: a value of ${toMebibytes(longestBytes)} is longer than the limit of ${toMebibytes(DECODE_LIMITS.valueBytes)}`,
      )
    }
    remainingBytes -= totalBytes
    if (remainingBytes < 0) throw new OversizedParquet(`column ${name}: ${TOO_LARGE}`)
  }
}

type ExpandedSize = { totalBytes: number; longestBytes: number }

const OFFSET_BYTES = 4

function expandedBytes(vector: Vector, type?: Type): ExpandedSize {
  switch (vector.kind) {
    case 'constant': {
      const bytes = valueBytes(vector.value, type)
      return { totalBytes: vector.length * (bytes + OFFSET_BYTES), longestBytes: bytes }
    }
    case 'bytes': {
      let longestBytes = 0
      const { offsets } = vector
      for (let i = 0; i < vector.length; i++) {
        longestBytes = Math.max(longestBytes, (offsets[i + 1] ?? 0) - (offsets[i] ?? 0))
      }
      return { totalBytes: vectorBytes(vector), longestBytes }
    }
    case 'dictionary': {
      const { offsets } = vector.dictionary
      let totalBytes = vector.length * OFFSET_BYTES
      let longestBytes = 0
      for (let i = 0; i < vector.length; i++) {
        if (!isValid(vector.validity, i)) continue
        const index = vector.indexes[i] ?? 0
        const bytes = (offsets[index + 1] ?? 0) - (offsets[index] ?? 0)
        totalBytes += bytes
        if (bytes > longestBytes) longestBytes = bytes
      }
      return { totalBytes, longestBytes }
    }
    case 'struct':
    case 'list':
    case 'map': {
      const types = type === undefined ? [] : childFields(type).map((field) => field.type)
      const children = childrenOf(vector)
      return sumSizes(children.map((child, i) => expandedBytes(child, types[i])))
    }
    default:
      return { totalBytes: vectorBytes(vector), longestBytes: 0 }
  }

  function sumSizes(sizes: readonly ExpandedSize[]): ExpandedSize {
    return {
      totalBytes: sizes.reduce((sum, size) => sum + size.totalBytes, vector.length * OFFSET_BYTES),
      longestBytes: Math.max(0, ...sizes.map((size) => size.longestBytes)),
    }
  }
}

function childrenOf(vector: Vector): readonly Vector[] {
  if (vector.kind === 'struct') return vector.fields
  if (vector.kind === 'list') return [vector.element]
  return vector.kind === 'map' ? [vector.key, vector.value] : []
}

function valueBytes(value: RowValue | null, type: Type | undefined): number {
  if (value === null || type === undefined) return 0
  if (typeof type === 'string') {
    const vector = vectorOf(type, [value])
    return vector.kind === 'bytes' ? vector.bytes.length : vectorBytes(vector)
  }
  const types = childFields(type).map((field) => field.type)
  const items: readonly (RowValue | null)[] = Array.isArray(value) ? value : []
  const itemBytes = (item: RowValue | null, i: number): number => {
    if (type.type !== 'map') return valueBytes(item, type.type === 'struct' ? types[i] : types[0])
    return Array.isArray(item) ? item.reduce((sum, part, at) => sum + valueBytes(part, types[at]), 0) : 0
  }
  return items.reduce((sum: number, item, i) => sum + OFFSET_BYTES + itemBytes(item, i), OFFSET_BYTES)
}

/** A failure of the decoder, whose own message does not name the file. */
export function decodeError(file: string, cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new AppError('file-damaged', `${file} cannot be decoded: ${reason}`, { cause, facts: { file } })
}
