import 'server-only'
import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { AppError } from '@/lib/errors'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import { indexFields } from '@/lib/iceberg/schema/schema'
import type { NestedField, Schema } from '@/lib/iceberg/schema/types'
import { createValueEncoder, EncodedBytes } from '@/lib/scan/compare/value-encoding'
import { createParquetEncoder } from '@/lib/scan/output/parquet-encoder'
import type { RowColumns } from '@/lib/scan/output/row-encoder'
import { LAST_UPDATED_SEQUENCE_NUMBER, ROW_ID } from '@/lib/scan/read/metadata-columns'
import { createRowReader } from '@/lib/scan/read-rows'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import { pageCodecs } from '@/server/parquet/page-codecs'
import { withFileSink, withFileSource } from '@/server/parquet/transcode/local-file'
import { readBatches } from '../read/read-batches'
import { encodeFile } from './encode-file'
import type { EncodedFile } from './file-encoding'
import { isStored } from './writable-columns'
import type { WriteSettings } from './write-settings'

/** Some rows, by field id. */
export type RowsToWrite = { columns: RowColumns; rowCount: number }

/** The row group that is in memory while it is written. */
const MAX_GROUP_BYTES = 64 * 1024 * 1024
const CACHE_BYTES = 16 * 1024 * 1024
const LINEAGE: readonly NestedField[] = [ROW_ID, LAST_UPDATED_SEQUENCE_NUMBER]

/** The columns to read for {@link writeRows}. @param hasLineage whether the rows have ids that have to stay (format v3) */
export function fieldsToWrite({ fields }: Pick<Schema, 'fields'>, hasLineage: boolean): readonly NestedField[] {
  return [...fields.filter(isStored), ...(hasLineage ? LINEAGE : [])]
}

/**
 * Whether rows of all these columns can be written again. Values that the reader returns as text are not what the file
 * has.
 *
 * @throws {AppError} not-supported naming the first column that cannot
 */
export function requireCopyable(schema: Pick<Schema, 'fields'>): void {
  for (const { field, path, parentId } of indexFields(schema).values()) {
    const { type } = field
    if (typeof type !== 'string') continue
    const { kind } = parsePrimitive(type)
    const isCopyable =
      kind === 'unknown'
        ? parentId === null
        : !(kind === 'variant' || kind === 'geometry' || kind === 'geography' || kind === 'unrecognized')
    if (isCopyable) continue
    const column = path.join('.')
    throw new AppError(
      'not-supported',
      `Column ${column} is of type ${type}, which Lakeshore cannot write again, so it cannot rewrite files of this table. Set the \
table's write mode to merge-on-read, or use an engine.`,
      { facts: { column, type } },
    )
  }
  if (!schema.fields.some(isStored))
    throw new AppError('not-supported', 'The table has no column that can be stored in a file.')
}

/**
 * Writes rows into a Parquet file as the properties of the table say, and proves that it has them: the file is read
 * back, and has the same values in the same order.
 *
 * @param paths `plain` is an intermediate file, which is removed; `to` does not exist
 * @returns null, and no file, if there are no rows
 * @throws {AppError} internal if the file differs; what reading the rows throws
 */
export async function writeRows(
  rows: AsyncIterable<RowsToWrite>,
  { plain, to }: { plain: string; to: string },
  {
    schema,
    hasLineage,
    settings,
    signal,
  }: { schema: Schema; hasLineage: boolean; settings: WriteSettings; signal: AbortSignal },
): Promise<EncodedFile | null> {
  const fields = fieldsToWrite(schema, hasLineage)
  const written = createRowsDigest(fields)
  const encoder = createParquetEncoder(fields, {
    maxGroupRows: settings.maxRowGroupRows,
    maxGroupBytes: Math.min(settings.rowGroupBytes, MAX_GROUP_BYTES),
  })
  let recordCount = 0
  try {
    await withFileSink(plain, async (sink) => {
      await sink.write(encoder.start())
      for await (const { columns, rowCount } of rows) {
        signal.throwIfAborted()
        recordCount += rowCount
        written.add(columns, rowCount)
        await sink.write(encoder.encode(columns, rowCount))
      }
      await sink.write(encoder.end())
    })
    if (recordCount === 0) return null
    const stored = { ...schema, fields: schema.fields.filter(isStored) }
    const file = await encodeFile({ from: plain, to }, { ...settings, schema: stored })
    await requireRows(to, { fields, recordCount, digest: written.finish(), signal })
    return file
  } finally {
    await rm(plain, { force: true })
  }
}

/** SHA-256 of the values of rows, in their order. */
function createRowsDigest(fields: readonly NestedField[]) {
  const hash = createHash('sha256')
  const encoders = fields.map(({ id, type }) => ({ id, encode: createValueEncoder(type) }))
  const encoded = new EncodedBytes()
  return {
    add(columns: RowColumns, rowCount: number): void {
      for (let row = 0; row < rowCount; row++) {
        encoded.reset()
        for (const { id, encode } of encoders) encode(columns.get(id)?.[row] ?? null, encoded)
        hash.update(encoded.bytes.subarray(0, encoded.length))
      }
    },
    finish: () => hash.digest('hex'),
  }
}

async function requireRows(
  file: string,
  {
    fields,
    recordCount,
    digest,
    signal,
  }: { fields: readonly NestedField[]; recordCount: number; digest: string; signal: AbortSignal },
): Promise<void> {
  const read = createRowsDigest(fields)
  const rowCount = await withFileSource(file, async (source) => {
    const scanned = {
      path: file,
      fileSizeBytes: source.byteLength,
      recordCount,
      firstRowIndex: 0,
      sequenceNumber: 0,
      constants: new Map(),
    }
    const reader = createRowReader({
      fields,
      files: [scanned],
      open: () => source,
      codecs: { ...pageCodecs, avro: avroCodecs },
      limits: { cacheBytes: CACHE_BYTES },
    })
    const fieldIds = fields.map(({ id }) => id)
    let firstRow = 0
    for await (const { columns, lastRow } of readBatches(reader, {
      firstRow,
      rowCount: recordCount,
      fieldIds,
      signal,
    })) {
      read.add(columns, lastRow - firstRow)
      firstRow = lastRow
    }
    return firstRow
  })
  if (rowCount === recordCount && read.finish() === digest) return
  throw new AppError('internal', 'The rows of a rewritten file differ from those that were read, so it was not used.')
}
