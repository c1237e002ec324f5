import 'server-only'
import { type DuckDBType, DuckDBStructType, DuckDBTypeId, LIST, MAP, SQLNULL } from '@duckdb/node-api'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
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
  /**
   * Whether it has timestamps of INT96. Parquet gives them no zone, and DuckDB reads them without one. Spark, Impala and
   * Iceberg's Java reader take them as instants in UTC.
   */
  isInt96: boolean
}

/** Whether the timestamps of a column that have no zone are taken as instants, because those of the table are. */
export function isInstantOf({ isInt96 }: FileType, { type }: NestedField): boolean {
  return isInt96 && (type === 'timestamptz' || type === 'timestamptz_ns')
}

/** A timestamp as an instant in UTC. DuckDB's own conversion fails near the ends of its range. */
export function instantSql(x: string): string {
  const ends = ['infinity', '-infinity'].map((end) => `WHEN '${end}' THEN '${end}'::TIMESTAMPTZ`)
  return `(CASE ${x} ${ends.join(' ')} ELSE make_timestamptz(epoch_us(${x})) END)`
}

/** @returns the columns that have such types, by their positions */
export async function findFileTypes(
  session: DuckdbSession,
  path: string,
  typeOf: (columnIndex: number) => DuckDBType,
): Promise<ReadonlyMap<number, FileType>> {
  const found = await session.rows(
    `SELECT name FROM parquet_schema(${quoteLiteral(path)}) WHERE logical_type = 'NullType()'
     OR logical_type LIKE 'TimestampType(%MILLIS=MilliSeconds%' OR converted_type = 'TIMESTAMP_MILLIS' OR type = 'INT96' LIMIT 1`,
  )
  if (found.length === 0) return new Map()
  const footer = await withFileSource(path, readFooter)
  return new Map(
    fileColumns(footer).flatMap(({ type }, i): [number, FileType][] => {
      const node = footer.schema.children[i]
      const marked = markNulls(type, typeOf(i))
      const hasMillis = node !== undefined && hasMilliseconds(node)
      const isInt96 = node?.leaf?.physicalType === 'INT96' && node.repetition !== 'repeated'
      return marked === typeOf(i) && !hasMillis && !isInt96 ? [] : [[i, { type: marked, hasMillis, isInt96 }]]
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
