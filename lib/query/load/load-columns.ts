import { pMapIterable } from 'p-map'
import { formatBytes } from '@/lib/format/bytes'
import { AppError } from '@/lib/errors'
import type { UnreadableBounds } from '@/lib/iceberg/metadata/unreadable-bounds'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { duckdbMessage } from '@/lib/query/duckdb/duckdb-error'
import { knownDeletedCount } from '@/lib/scan/deletes/delete-file'
import type { BoundPredicate } from '@/lib/scan/predicate/predicate'
import { type LoadCost, ZERO_COST } from '@/lib/query/engine'
import type { DecodedColumns, LoadableFile } from './decode-messages'
import type { Decoder } from './decoder'
import type { Engine } from '@/lib/query/duckdb/engine'
import { rowGroupSize } from './estimate'
import type { FooterCache } from './footer-cache'
import { loadMetadataRows, countMetadataRows } from './metadata-rows'
import type { TableScan } from './table-scan'

/** Row groups decoded together; `bytes` estimates their decoded size. */
type RowGroupBatch = { file: LoadableFile; rowGroups: number[]; bytes: number }

/** Number of files whose footers are requested ahead. */
const MAX_FOOTERS_AHEAD = 8
const MAX_FILES_COUNTED_AT_ONCE = 4
/** The most batches fetched and decoded before insertion. */
const MAX_BATCHES_AHEAD = 6
const MAX_BYTES_AHEAD = 96 * 1024 * 1024
/** Row groups are decoded together up to about this size. */
const MAX_BATCH_BYTES = 32 * 1024 * 1024

/**
 * Decodes columns of a table and appends them to a table of DuckDB, in the order of the table's rows.
 *
 * @param rowsNeeded stop after the row group that contains this row; null for all rows
 * @param limitBytes of decoded Arrow, whatever the footers declare
 * @throws {AppError} too-large · cancelled · the decoder's
 */
export async function loadColumns(
  {
    scan,
    fields,
    into,
    rowsNeeded,
    limitBytes,
    onUnreadable,
  }: {
    scan: TableScan
    fields: readonly NestedField[]
    into: string
    rowsNeeded: number
    limitBytes: number
    /** Called once, with the bounds in the rows of a metadata table that cannot be shown, if there are any. */
    onUnreadable: (bounds: UnreadableBounds) => void
  },
  { engine, decoder, footers }: { engine: Engine; decoder: Decoder; footers: FooterCache },
  signal: AbortSignal,
  onProgress: (cost: LoadCost) => void,
): Promise<LoadCost> {
  if (scan.metadataRows) {
    const names = fields.map(({ name }) => name)
    return await loadMetadataRows(
      scan.metadataRows,
      { names, into, rowsNeeded, limitBytes, onUnreadable },
      engine,
      signal,
      onProgress,
    )
  }
  const cost = { ...ZERO_COST }
  const filesRead = new Set<string>()
  const failure = new AbortController()
  const anySignal = AbortSignal.any([signal, failure.signal])
  let fetchedToMs = 0
  const queue: (RowGroupBatch & { decoding: Promise<DecodedColumns> })[] = []
  const footerBytes = footers.readBytes
  let columnBytes = 0
  const selectionOf = (file: LoadableFile) => {
    const predicate = bothPredicates(scan.filter?.predicate, file.predicate)
    return { fields, ...(predicate && { predicate }) }
  }

  const insertNext = async () => {
    const next = queue.shift()
    if (!next) return
    const { file, rowGroups } = next
    const decoded = await next.decoding.catch((error: unknown) => {
      if (rowGroups.length > 1 && error instanceof AppError && error.code === 'too-large') return null
      throw error
    })
    if (decoded) await insert(decoded, file)
    // By their footers they seemed small enough to be decoded together; each alone may still fit.
    else
      for (const group of rowGroups)
        await insert(await decoder.decodeColumns(file, { ...selectionOf(file), rowGroups: [group] }, anySignal), file)
  }

  const insert = async (decoded: DecodedColumns, file: LoadableFile) => {
    cost.rowCount += decoded.rowCount
    columnBytes += decoded.readBytes
    cost.readBytes = columnBytes + footers.readBytes - footerBytes
    cost.decodedBytes += decoded.batches.reduce((sum, { length }) => sum + length, 0)
    // Several fetches run at once: count the time in which any of them ran.
    cost.fetchMs += Math.max(0, decoded.fetched.toMs - Math.max(decoded.fetched.fromMs, fetchedToMs))
    fetchedToMs = Math.max(fetchedToMs, decoded.fetched.toMs)
    cost.decodeMs += decoded.decodeMs
    if (cost.decodedBytes > limitBytes) throw tooLargeError(limitBytes)
    const startedAt = performance.now()
    for (const batch of decoded.batches)
      await engine.insert(into, batch).catch((error: unknown) => rethrowInsertError(error, file))
    cost.insertMs += performance.now() - startedAt
    onProgress(cost)
  }

  try {
    for await (const batch of batchRowGroups(scan, fields, rowsNeeded, { footers, decoder }, anySignal)) {
      const { file, rowGroups } = batch
      filesRead.add(file.name)
      cost.filesRead = filesRead.size
      const decoding = decoder.decodeColumns(file, { ...selectionOf(file), rowGroups }, anySignal)
      // Awaited in order below; this prevents an unhandled rejection before its turn.
      decoding.catch(() => {})
      queue.push({ ...batch, decoding })
      while (queue.length >= MAX_BATCHES_AHEAD || totalBytes(queue) > MAX_BYTES_AHEAD) await insertNext()
    }
    while (queue.length > 0) await insertNext()
    return cost
  } catch (error) {
    failure.abort()
    throw error
  }
}

function bothPredicates(a: BoundPredicate | undefined, b: BoundPredicate | undefined): BoundPredicate | undefined {
  return a !== undefined && b !== undefined ? { kind: 'and', parts: [a, b] } : (a ?? b)
}

/** Values that a file may contain and DuckDB rejects, such as a map with a duplicate key. */
function rethrowInsertError(error: unknown, { name }: LoadableFile): never {
  const message = duckdbMessage(error)
  if (message === null) throw error
  throw new AppError('not-supported', `DuckDB cannot store the values in ${name}: ${message}`, {
    cause: error,
    facts: { file: name },
  })
}

/**
 * The number of rows that are not deleted, without loading any column.
 *
 * @throws {AppError} the decoder's
 */
export async function countRows(
  scan: TableScan,
  decoder: Decoder,
  signal: AbortSignal,
  onProgress: (cost: LoadCost) => void,
): Promise<{ rowCount: number; cost: LoadCost }> {
  if (scan.metadataRows) return await countMetadataRows(scan.metadataRows, signal, onProgress)
  const cost = { ...ZERO_COST }
  if (scan.deleteFileCount === 0) return { rowCount: scan.rowCount, cost }
  let rowCount = 0
  const files = pMapIterable(
    scan.files.list(signal),
    async (file) => {
      const deletedCount = knownDeletedCount(file.deletes)
      if (deletedCount !== null) return file.recordCount - deletedCount
      const { rowCounts, readBytes } = await decoder.countRows(file, signal)
      cost.filesRead += 1
      cost.readBytes += readBytes
      onProgress(cost)
      return rowCounts.reduce((sum, rows) => sum + rows, 0)
    },
    { concurrency: MAX_FILES_COUNTED_AT_ONCE },
  )
  for await (const rows of files) rowCount += rows
  return { rowCount, cost }
}

/** Row groups in order, small ones together; unknown footers are read on the way. */
async function* batchRowGroups(
  scan: TableScan,
  fields: readonly NestedField[],
  rowsNeeded: number,
  { footers, decoder }: { footers: FooterCache; decoder: Decoder },
  signal: AbortSignal,
): AsyncGenerator<RowGroupBatch, void> {
  let rows = 0
  for await (const [file, ...ahead] of withNext(scan.files.list(signal), MAX_FOOTERS_AHEAD)) {
    if (rows >= rowsNeeded) return
    // Requests the next few at once, no further than the needed rows may reach.
    for (const next of filesForRows([file, ...ahead], rowsNeeded - rows))
      footers.read(scan, next, signal).catch(() => {
        // Reported when this file is read below.
      })
    const footer = await footers.read(scan, file, signal)
    // `rowsNeeded` does not count deleted rows, but a sample may have fewer.
    const isPartial = Number.isFinite(rowsNeeded) && !scan.sample && file.deletes.length > 0
    const rowCounts = isPartial ? (await decoder.countRows(file, signal)).rowCounts : null
    let batch: RowGroupBatch = { file, rowGroups: [], bytes: 0 }
    for (const [index, group] of footer.rowGroups.entries()) {
      if (rows >= rowsNeeded) break
      const size = rowGroupSize(group, fields).decodedBytes
      if (batch.rowGroups.length > 0 && batch.bytes + size > MAX_BATCH_BYTES) {
        yield batch
        batch = { file, rowGroups: [], bytes: 0 }
      }
      batch.rowGroups.push(index)
      batch.bytes += size
      rows += rowCounts?.[index] ?? group.rowCount
    }
    if (batch.rowGroups.length > 0) yield batch
  }
}

/** Each item with the ones that follow it, at most `count` together. */
async function* withNext<T>(items: AsyncIterable<T>, count: number): AsyncGenerator<[T, ...T[]], void> {
  const window: T[] = []
  for await (const item of items) {
    window.push(item)
    if (window.length < count) continue
    const [first, ...rest] = window
    if (first !== undefined) yield [first, ...rest]
    window.shift()
  }
  for (let [first, ...rest] = window; first !== undefined; [first, ...rest] = rest) yield [first, ...rest]
}

function totalBytes(batches: readonly { bytes: number }[]): number {
  return batches.reduce((sum, { bytes }) => sum + bytes, 0)
}

function filesForRows(files: readonly LoadableFile[], rowsNeeded: number): LoadableFile[] {
  const result: LoadableFile[] = []
  let rows = 0
  for (const file of files) {
    if (result.length > 0 && rows >= rowsNeeded) break
    result.push(file)
    rows += file.recordCount
  }
  return result
}

export function tooLargeError(limitBytes: number): AppError {
  return new AppError(
    'too-large',
    `The columns of this query take more than ${formatBytes(limitBytes)} when decoded, which is the limit in a browser. ` +
      'Select fewer columns, or query a smaller table or version.',
    { facts: { limitBytes } },
  )
}
