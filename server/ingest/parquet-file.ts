import 'server-only'
import type { NestedField, Schema, Type } from '@/lib/iceberg/types'
import { quoteName, quoteText } from './column-type'
import type { DuckdbSession } from './duckdb-session'
import { PLAIN_BYTES_KEY, PLAIN_BYTES_PLACE } from './file-footer-notes'
import type { WriteSettings } from './stage-request'
import { isStored } from './writable-columns'

/** Writing one Parquet file with field ids, through one `COPY`. */

/** DuckDB's unit of work; row groups are multiples of it. */
const VECTOR_ROWS = 2_048

/**
 * @param rows SQL whose columns are the schema's fields, by name and in order
 * @param bytesPerRow plain, about; row groups are cut by it
 * @returns rows written
 */
export async function writeParquet(
  session: DuckdbSession,
  rows: string,
  { file, schema, write, bytesPerRow }: { file: string; schema: Schema; write: WriteSettings; bytesPerRow: number },
): Promise<number> {
  const options = [
    'FORMAT parquet',
    `COMPRESSION ${write.codec === 'lz4' ? 'lz4_raw' : write.codec}`,
    ...(write.level === null ? [] : [`COMPRESSION_LEVEL ${write.level}`]),
    `ROW_GROUP_SIZE ${rowGroupRows(write, bytesPerRow)}`,
    `FIELD_IDS {${schema.fields.map(fieldId).join(', ')}}`,
    `KV_METADATA {${quoteText(PLAIN_BYTES_KEY)}: ${quoteText(PLAIN_BYTES_PLACE)}}`,
  ]
  const [written] = await session.rows(`COPY (${rows}) TO ${quoteText(file)} (${options.join(', ')})`)
  return Number(written?.Count)
}

export function rowGroupRows(write: WriteSettings, bytesPerRow: number): number {
  const rows = Math.min(write.maxRowGroupRows, write.rowGroupBytes / Math.max(bytesPerRow, 1))
  return Math.max(VECTOR_ROWS, Math.floor(rows / VECTOR_ROWS) * VECTOR_ROWS)
}

/** The rows of a file in so many parts of about the same size, in order: SQL for each, under the schema's names. */
export function rowRanges(
  file: string,
  schema: Schema,
  { rowCount, parts }: { rowCount: number; parts: number },
): string[] {
  const rows = Math.ceil(rowCount / parts)
  const names = schema.fields.map(({ name }) => quoteName(name)).join(', ')
  return Array.from({ length: Math.ceil(rowCount / rows) }, (_, i) => {
    const range = `file_row_number >= ${i * rows} AND file_row_number < ${(i + 1) * rows}`
    return `SELECT ${names} FROM read_parquet(${quoteText(file)}, file_row_number = true) WHERE ${range}`
  })
}

function fieldId({ name, id, type }: NestedField): string {
  return `${quoteText(name)}: ${idsOf(id, type)}`
}

function idsOf(id: number, type: Type): string {
  if (typeof type === 'string') return String(id)
  const own = `__duckdb_field_id: ${id}`
  switch (type.type) {
    case 'struct':
      return `{${[own, ...type.fields.map(fieldId)].join(', ')}}`
    case 'list':
      return `{${own}, element: ${idsOf(type.elementId, type.element)}}`
    case 'map':
      return `{${own}, key: ${idsOf(type.keyId, type.key)}, value: ${idsOf(type.valueId, type.value)}}`
  }
}

/** The select list that gives staged columns the table's names. */
export function underTableNames(schema: Schema, columnOf: (place: number) => string): string {
  return schema.fields
    .flatMap((field, i) => (isStored(field) ? [`${columnOf(i)} AS ${quoteName(field.name)}`] : []))
    .join(', ')
}
