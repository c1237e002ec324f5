import 'server-only'
import { DuckDBTypeId, type DuckDBType } from '@duckdb/node-api'
import { AppError } from '@/lib/errors'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import { CODECS, type ColumnChunk, ENCODINGS, type ParquetFooter, readFooter } from '@/lib/parquet/footer'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { duckdbType, quoteIdentifier } from '@/server/data-files/duckdb/column-type'
import { withFileSource } from '@/server/parquet/transcode/local-file'
import { sqlType } from './typed-column'

/** Columns of a Parquet file that DuckDB does not read, or reads as another type, by the footer as Lakeshore reads it. */

/** Null if the footer cannot be read: DuckDB then says why. */
export async function readInputFooter(path: string): Promise<ParquetFooter | null> {
  try {
    return await withFileSource(path, (source) => readFooter(source))
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}

/**
 * Refuses a column that DuckDB fails at with words that name neither it nor the reason.
 *
 * @param names the columns that are read. One with a codec or an encoding of a later format fails wherever it is: DuckDB
 *   then reads no column of the file
 * @throws {AppError} not-supported
 */
export function refuseUnreadableChunks({ rowGroups, leaves }: ParquetFooter, names: readonly string[]): void {
  for (const chunk of rowGroups.flatMap(({ columns }) => columns)) {
    const [column = ''] = leaves[chunk.leaf]?.path ?? []
    const problem = unknownPart(chunk) ?? (names.includes(column) ? unreadablePart(chunk) : null)
    if (problem === null) continue
    throw new AppError('not-supported', `Column ${column} of the file ${problem}, which loads cannot read.`, {
      facts: { column, hint: 'Write the file again, for example with zstd, or without the column.' },
    })
  }
}

function unknownPart({ codec, encodings }: ColumnChunk): string | null {
  if (!CODECS.some((known) => known === codec)) return `is compressed with the ${codec}`
  const unknown = encodings.find((encoding) => !ENCODINGS.some((known) => known === encoding))
  return unknown === undefined ? null : `uses the ${unknown}`
}

function unreadablePart({ codec, isEncrypted }: ColumnChunk): string | null {
  if (isEncrypted) return 'is encrypted'
  if (codec === 'lzo') return 'is compressed with LZO'
  return codec === 'lz4' ? 'is compressed with the older LZ4 of Hadoop' : null
}

/**
 * A column whose file says that it, or a part of it, only has nulls, which DuckDB reads as integers. A writer does so
 * when it has seen no value.
 *
 * @param sql the column
 * @returns the column with the table's type in these parts; null if it has none of them
 */
export function withTypedNulls(
  sql: string,
  { type }: Pick<NestedField, 'type'>,
  { node, from }: { node: SchemaNode; from: DuckDBType },
): string | null {
  if (!hasNullType(node)) return null
  // Every type has a text, and every text a type.
  return `(${sql}::${castType(node, from, type, true)})::${castType(node, from, type, false)}`
}

function hasNullType({ annotation, children }: SchemaNode): boolean {
  return annotation?.kind === 'null' || children.some(hasNullType)
}

function castType(node: SchemaNode, from: DuckDBType, type: Type, isText: boolean): string {
  if (node.annotation?.kind === 'null') return isText ? 'VARCHAR' : duckdbType(type)
  if (typeof type === 'string') return sqlType(from)
  const partType = (part: SchemaNode | undefined, partFrom: DuckDBType, to: Type) =>
    part ? castType(part, partFrom, to, isText) : sqlType(partFrom)
  const [repeated] = node.children
  if (from.typeId === DuckDBTypeId.LIST && type.type === 'list')
    return `${partType(repeated?.children[0] ?? repeated, from.valueType, type.element)}[]`
  if (from.typeId === DuckDBTypeId.MAP && type.type === 'map') {
    const [key, value] = repeated?.children ?? []
    return `MAP(${partType(key, from.keyType, type.key)}, ${partType(value, from.valueType, type.value)})`
  }
  if (from.typeId !== DuckDBTypeId.STRUCT || type.type !== 'struct') return sqlType(from)
  const entries = from.entryNames.map((name, i) => {
    const entry = from.entryTypes[i]
    if (!entry) throw new Error('a struct has more names than types')
    const field = type.fields.find((each) => each.name === name)
    const child = node.children.find((each) => each.name === name)
    return `${quoteIdentifier(name)} ${field ? partType(child, entry, field.type) : sqlType(entry)}`
  })
  return `STRUCT(${entries.join(', ')})`
}
