import 'server-only'
import type { NestedField, Schema, Type } from '@/lib/iceberg/schema/types'
import { negativeZeroSql } from './negative-zero'
import { quoteIdentifier, quoteLiteral } from '../duckdb/column-type'
import type { DuckdbSession } from '../duckdb/duckdb-session'
import type { WriteSettings } from './write-settings'
import { isStored } from './writable-columns'

/**
 * Writes one Parquet file with field ids. It is not compressed: see `encode-file`. Rows with a negative zero are found
 * while they are written, and written again without dictionaries.
 */

/** DuckDB's unit of work; row groups are multiples of it. */
const VECTOR_ROWS = 2_048

/**
 * @param rows SQL whose columns are the schema's fields, by name and in order
 * @param bytesPerRow the approximate plain size of a row, which determines the size of row groups
 * @returns rows written
 */
export async function writeParquet(
  session: DuckdbSession,
  rows: string,
  { file, schema, write, bytesPerRow }: { file: string; schema: Schema; write: WriteSettings; bytesPerRow: number },
): Promise<number> {
  const options = [
    'FORMAT parquet',
    'COMPRESSION uncompressed',
    `ROW_GROUP_SIZE ${rowGroupRows(write, bytesPerRow)}`,
    `FIELD_IDS {${schema.fields.map(fieldIdOption).join(', ')}}`,
  ]
  const copy = async (selected: string, ...more: string[]) => {
    const [written] = await session.rows(
      `COPY (${selected}) TO ${quoteLiteral(file)} (${[...options, ...more].join(', ')})`,
    )
    return Number(written?.Count)
  }
  const hasNegativeZero = negativeZeroSql(schema.fields)
  if (hasNegativeZero === null) return copy(rows)
  try {
    return await copy(
      `SELECT * FROM (${rows}) WHERE CASE WHEN ${hasNegativeZero} THEN error('${NEGATIVE_ZERO}') ELSE true END`,
    )
  } catch (error) {
    if (!(error instanceof Error && error.message.includes(NEGATIVE_ZERO))) throw error
    return copy(rows, NO_DICTIONARIES)
  }
}

/** DuckDB's error for a row that it cannot write with dictionaries (see `negative-zero`). */
const NEGATIVE_ZERO = 'lakeshore: a negative zero'
export const NO_DICTIONARIES = 'DICTIONARY_SIZE_LIMIT 0'

export function rowGroupRows(write: WriteSettings, bytesPerRow: number): number {
  const rows = Math.min(write.maxRowGroupRows, write.rowGroupBytes / Math.max(bytesPerRow, 1))
  return Math.max(VECTOR_ROWS, Math.floor(rows / VECTOR_ROWS) * VECTOR_ROWS)
}

/** The rows of a file from `start` up to `end`, in order, under the schema's names. DuckDB skips other row groups. */
export function selectRowRange(file: string, schema: Schema, { start, end }: { start: number; end: number }): string {
  const names = schema.fields.map(({ name }) => quoteIdentifier(name)).join(', ')
  const range = `file_row_number >= ${start} AND file_row_number < ${end}`
  return `SELECT ${names} FROM read_parquet(${quoteLiteral(file)}, file_row_number = true) WHERE ${range}`
}

function fieldIdOption({ name, id, type }: NestedField): string {
  return `${quoteLiteral(name)}: ${fieldIds(id, type)}`
}

function fieldIds(id: number, type: Type): string {
  if (typeof type === 'string') return String(id)
  const own = `__duckdb_field_id: ${id}`
  switch (type.type) {
    case 'struct':
      return `{${[own, ...type.fields.map(fieldIdOption)].join(', ')}}`
    case 'list':
      return `{${own}, element: ${fieldIds(type.elementId, type.element)}}`
    case 'map':
      return `{${own}, key: ${fieldIds(type.keyId, type.key)}, value: ${fieldIds(type.valueId, type.value)}}`
  }
}

/** The select list that gives staged columns the table's names. */
export function selectTableColumns(schema: Schema, toColumn: (index: number) => string): string {
  return schema.fields
    .flatMap((field, i) => (isStored(field) ? [`${toColumn(i)} AS ${quoteIdentifier(field.name)}`] : []))
    .join(', ')
}
