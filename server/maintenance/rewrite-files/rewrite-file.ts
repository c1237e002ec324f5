import 'server-only'
import { isDeepStrictEqual } from 'node:util'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { NO_METRICS } from '@/lib/iceberg/manifest/manifest'
import type { NameMapping } from '@/lib/iceberg/properties/name-mapping'
import { sum } from '@/lib/sum'
import { AppError } from '@/lib/errors'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { type ParquetFooter, readFooter } from '@/lib/parquet/footer'
import type { WrittenRowGroup } from '@/lib/parquet/write/file-metadata'
import { fieldIdResolver } from '@/lib/scan/read/data-file'
import { LAST_UPDATED_SEQUENCE_NUMBER, ROW_ID } from '@/lib/scan/read/metadata-columns'
import { pageCodecs } from '@/server/parquet/page-codecs'
import type { AddedColumn } from '@/server/parquet/transcode/added-column'
import { type ColumnChecksum, ColumnChecksums, readColumnChecksums } from '@/server/parquet/transcode/column-checksums'
import { withFileSink, withFileSource } from '@/server/parquet/transcode/local-file'
import { pageCompressors } from '@/server/parquet/transcode/page-compressors'
import { LAYOUT_KEY, layoutRecord } from '@/server/parquet/transcode/recorded-layout'
import type { RowNumbers } from '@/server/parquet/transcode/row-numbers'
import { transcodeParquet } from '@/server/parquet/transcode/transcode'
import type { LiveFile } from '@/server/table/files/live-files'
import { isLineageId, type RequestedFiles } from './judge-file'

/** A new file with the rows of an old one, on the disk of the worker. */
export type RewrittenFile = {
  fileSizeBytes: number
  rowGroups: readonly WrittenRowGroup[]
  columnCount: number
  /** The footer as it was read back. */
  footer: ParquetFooter
  /** Uses the name mapping of the table if the file has no ids. */
  fieldIdOf: (path: readonly string[]) => number | null
}

/**
 * Writes the rows of a data file into a new one with the columns as they are set, and proves that they are the same: the
 * new file is read back, and has the row count, the schema and a checksum of each column that the old one has. The
 * checksums are over decoded values, nulls and levels in their order. Bloom filters that were made hold every value.
 *
 * @param source the old file
 * @param to a path of this machine without a file
 * @throws {AppError} file-damaged, not-supported, too-large for the old file; internal if the new one differs
 */
export async function rewriteFile(
  source: ByteSource,
  to: string,
  file: LiveFile,
  { requested, signal }: { requested: RequestedFiles; signal: AbortSignal },
): Promise<RewrittenFile> {
  const { layout, nameMapping } = requested
  const before = await readFooter(source, { signal })
  const { recordCount, filePath } = file.dataFile
  if (before.rowCount !== recordCount) {
    throw new AppError('file-damaged', `${filePath} has ${before.rowCount} rows, but its manifest says ${recordCount}.`)
  }
  const { addedColumns, filledColumns } = requested.hasLineage ? storeLineage(file, before) : NOTHING_STORED
  const checksums = new ColumnChecksums(layout)
  const fieldIds = before.leaves.flatMap(({ fieldId }) => fieldId ?? [])
  const { fileSizeBytes, rowGroups } = await withFileSink(to, (sink) =>
    transcodeParquet(source, sink, {
      layout,
      codecs: pageCodecs,
      compressors: pageCompressors,
      addedColumns,
      filledColumns,
      keyValues: () => ({ [LAYOUT_KEY]: layoutRecord(layout, fieldIds) }),
      onPage: checksums.add,
      signal,
    }),
  )
  const after = await withFileSource(to, (written) =>
    readColumnChecksums(written, layout, { codecs: pageCodecs, checksFilters: true, signal }),
  )
  requireSame(filePath, { footer: before, checksums: checksums.finish(before.leaves) }, after, addedColumns)
  return {
    fileSizeBytes,
    rowGroups,
    columnCount: before.leaves.length,
    footer: after.footer,
    fieldIdOf: createFieldIdLookup(before, nameMapping),
  }
}

type StoredLineage = { addedColumns: readonly AddedColumn[]; filledColumns: ReadonlyMap<number, RowNumbers> }

const NOTHING_STORED: StoredLineage = { addedColumns: [], filledColumns: new Map() }

/**
 * Row ids and the sequence numbers of last updates, which the rows inherit from the old file and would inherit again
 * from the new one. Rows with stored values in the old file, such as those that an update carried over, keep them.
 *
 * Spec: Iceberg table spec, *Row Lineage*.
 */
function storeLineage({ dataFile, sequenceNumber }: LiveFile, { leaves }: ParquetFooter): StoredLineage {
  const { firstRowId } = dataFile
  const inherited: AddedColumn[] = [
    // Before the table's first commit in format v3, its rows have no ids.
    ...(firstRowId === null ? [] : [toColumn(ROW_ID, { first: BigInt(firstRowId), counts: true })]),
    toColumn(LAST_UPDATED_SEQUENCE_NUMBER, { first: BigInt(sequenceNumber), counts: false }),
  ]
  const isStored = (column: AddedColumn) => leaves.some(({ fieldId }) => fieldId === column.fieldId)
  return {
    addedColumns: inherited.filter((column) => !isStored(column)),
    filledColumns: new Map(inherited.filter(isStored).map(({ fieldId, numbers }) => [fieldId, numbers])),
  }
}

function toColumn({ id: fieldId, name }: typeof ROW_ID, numbers: RowNumbers): AddedColumn {
  return { fieldId, name, numbers }
}

type CheckedFile = { footer: ParquetFooter; checksums: readonly ColumnChecksum[] }

/** @throws {AppError} internal: the new file must not replace the old one */
function requireSame(
  filePath: string,
  before: CheckedFile,
  after: CheckedFile,
  addedColumns: readonly AddedColumn[],
): void {
  const columnCount = before.footer.schema.children.length
  const columns = after.footer.schema.children.slice(0, columnCount)
  const added = after.footer.schema.children.slice(columnCount)
  const difference =
    before.footer.rowCount !== after.footer.rowCount
      ? 'the number of rows'
      : !isDeepStrictEqual(before.footer.schema.children, columns) || added.length !== addedColumns.length
        ? 'the schema'
        : before.checksums.find((column, i) => column.sha256 !== after.checksums[i]?.sha256)?.path.join('.')
  if (difference === undefined) return
  throw new AppError('internal', `The rewritten copy of ${filePath} differs in ${difference}, so it was not used.`, {
    facts: { filePath },
  })
}

function createFieldIdLookup(footer: ParquetFooter, nameMapping: NameMapping | null): RewrittenFile['fieldIdOf'] {
  const hasOwnIds = footer.leaves.some(({ fieldId }) => fieldId !== null)
  if (!hasOwnIds && nameMapping === null) return () => null
  const resolve = fieldIdResolver(footer, nameMapping)
  const ids = new Map(footer.leaves.map((node) => [node.path.join('\n'), resolve(node)]))
  return (path) => ids.get(path.join('\n')) ?? null
}

/**
 * The new file as its manifest describes it. Metrics of the rows are carried over, except for the lineage, which may
 * have been filled; the sizes are the new file's, of the same columns.
 */
export function toReplacement(
  { dataFile: old }: LiveFile,
  { fileSizeBytes, rowGroups, fieldIdOf }: RewrittenFile,
  filePath: string,
): DataFile {
  const { columnSizesBytes, valueCounts, nullValueCounts, nanValueCounts, lowerBounds, upperBounds } = old.metrics
  const written = Map.groupBy(
    rowGroups.flatMap(({ columns }) => columns),
    ({ path }) => fieldIdOf(path),
  )
  const ownSizes = [...written].flatMap(([fieldId, chunks]): [number, number][] =>
    fieldId !== null && columnSizesBytes.has(fieldId)
      ? [[fieldId, sum(chunks.map(({ storedBytes }) => storedBytes))]]
      : [],
  )
  return {
    ...old,
    filePath,
    fileSizeBytes,
    splitOffsets: rowGroups.map(({ startOffset }) => startOffset),
    // The rows have their ids in a column of the file.
    firstRowId: null,
    metrics: {
      columnSizesBytes: columnSizesBytes === NO_METRICS ? NO_METRICS : new Map(ownSizes),
      valueCounts: withoutLineage(valueCounts),
      nullValueCounts: withoutLineage(nullValueCounts),
      nanValueCounts: withoutLineage(nanValueCounts),
      lowerBounds: withoutLineage(lowerBounds),
      upperBounds: withoutLineage(upperBounds),
    },
  }
}

function withoutLineage<Value>(byFieldId: ReadonlyMap<number, Value>): ReadonlyMap<number, Value> {
  // An absent map stays absent.
  if (![...byFieldId.keys()].some(isLineageId)) return byFieldId
  return new Map([...byFieldId].filter(([fieldId]) => !isLineageId(fieldId)))
}
