import 'server-only'
import { open, stat } from 'node:fs/promises'
import path from 'node:path'
import type { NestedField, Schema, Type } from '@/lib/iceberg/types'
import { quoteName, quoteText } from './column-type'
import type { DuckdbSession } from './duckdb-session'
import type { WriteSettings } from './stage-request'

/** Writing one Parquet file with field ids, through one `COPY`. */

/** In the file's key-value metadata: its plain bytes (see `DataFileSizes`), in 16 digits. */
export const PLAIN_BYTES_KEY = 'lakeshore.plain-bytes'

/** DuckDB's unit of work; row groups are multiples of it. */
const VECTOR_ROWS = 2_048
const PLACE_HOLDER = '#'.repeat(16)

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
    `KV_METADATA {${quoteText(PLAIN_BYTES_KEY)}: ${quoteText(PLACE_HOLDER)}}`,
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

/** Puts the count in the place kept for it in the footer, which is known only after the file is written. */
export async function notePlainBytes(file: string, plainBytes: number): Promise<void> {
  const { size } = await stat(file)
  const handle = await open(file, 'r+')
  try {
    const tail = Buffer.alloc(8)
    await handle.read(tail, 0, 8, size - 8)
    const footerBytes = tail.readUInt32LE(0)
    const footer = Buffer.alloc(footerBytes)
    await handle.read(footer, 0, footerBytes, size - 8 - footerBytes)
    const place = footer.lastIndexOf(PLACE_HOLDER)
    if (place < 0) throw new Error(`${path.basename(file)} has no place for its plain bytes`)
    await handle.write(String(plainBytes).padStart(PLACE_HOLDER.length, '0'), size - 8 - footerBytes + place)
  } finally {
    await handle.close()
  }
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
  return schema.fields.map(({ name }, i) => `${columnOf(i)} AS ${quoteName(name)}`).join(', ')
}
