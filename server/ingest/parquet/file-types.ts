import 'server-only'
import { type DuckDBType, DuckDBStructType, DuckDBTypeId, LIST, MAP, SQLNULL } from '@duckdb/node-api'
import type { Type } from '@/lib/iceberg/schema/types'
import { readFooter } from '@/lib/parquet/footer'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { fileColumns } from '@/lib/scan/read/file-columns'
import { quoteLiteral } from '@/server/data-files/duckdb/column-type'
import type { DuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import { withFileSource } from '@/server/parquet/transcode/local-file'

/** The type of a column of a Parquet file, where that of DuckDB does not say enough. */
export type FileType = {
  /**
   * DuckDB's type with SQLNULL in place of Parquet's null type: columns, and parts of nested ones, that have only nulls,
   * as pandas writes a column of `None`. DuckDB reads them as whatever their bytes would be, but their nulls fit every
   * type.
   */
  type: DuckDBType
  /** Whether it has timestamps in milliseconds. DuckDB takes the last one for infinity, which has no microseconds. */
  hasMillis: boolean
}

/** @returns the columns that have such types, by their positions */
export async function findFileTypes(
  session: DuckdbSession,
  path: string,
  typeOf: (columnIndex: number) => DuckDBType,
): Promise<ReadonlyMap<number, FileType>> {
  const found = await session.rows(
    `SELECT name FROM parquet_schema(${quoteLiteral(path)}) WHERE logical_type = 'NullType()'
     OR logical_type LIKE 'TimestampType(%MILLIS=MilliSeconds%' OR converted_type = 'TIMESTAMP_MILLIS' LIMIT 1`,
  )
  if (found.length === 0) return new Map()
  const footer = await withFileSource(path, readFooter)
  return new Map(
    fileColumns(footer).flatMap(({ type }, i): [number, FileType][] => {
      const node = footer.schema.children[i]
      const marked = markNulls(type, typeOf(i))
      const hasMillis = node !== undefined && hasMilliseconds(node)
      return marked === typeOf(i) && !hasMillis ? [] : [[i, { type: marked, hasMillis }]]
    }),
  )
}

function hasMilliseconds({ annotation, children }: SchemaNode): boolean {
  return (annotation?.kind === 'timestamp' && annotation.unit === 'millis') || children.some(hasMilliseconds)
}

/** The same object if there is nothing to mark. */
function markNulls(type: Type, from: DuckDBType): DuckDBType {
  if (typeof type === 'string') return type === 'unknown' ? SQLNULL : from
  if (type.type === 'list' && from.typeId === DuckDBTypeId.LIST) {
    const element = markNulls(type.element, from.valueType)
    return element === from.valueType ? from : LIST(element)
  }
  if (type.type === 'map' && from.typeId === DuckDBTypeId.MAP) {
    const value = markNulls(type.value, from.valueType)
    return value === from.valueType ? from : MAP(from.keyType, value)
  }
  if (type.type !== 'struct' || from.typeId !== DuckDBTypeId.STRUCT) return from
  const entries = from.entryTypes.map((entry, i) => {
    const field = type.fields[i]
    return field ? markNulls(field.type, entry) : entry
  })
  return entries.every((entry, i) => entry === from.entryTypes[i])
    ? from
    : new DuckDBStructType(from.entryNames, entries)
}
