import type { TableIdentifier } from '@/lib/names/identifiers'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'
import type { ColumnProfile } from './column-profile-types'
import { distinguishNames } from './duckdb/distinct-names'
import type { QueryResult } from './engine'
import { filterToSql } from './predicate-sql'
import { BUCKETS, bucketsSql } from './profile-buckets'
import { valuePosition } from './profile-position'
import { quoteIdentifier } from '@/lib/sql/quote-identifier'
import { sqlName } from './tables/table-name'

/** The number of different values is estimated if there are more values than this… */
const MAX_EXACT_VALUES = 2_000_000
/** …unless the estimate is at most this: counting few different values takes little memory, however many rows have them. */
const MAX_EXACT_DISTINCT = 50_000
const TOP_VALUES = 8

export type ProfiledTable = {
  table: TableIdentifier
  snapshotId: string
  /** The fields of the snapshot. */
  fields: readonly NestedField[]
  /** Without a filter, or more. */
  rowCount: number
  /** The filter on the rows, as JSON with field ids; every row without it. */
  where?: string | undefined
}

/** Runs one statement of a profile. */
type RunSql = (sql: string) => Promise<Pick<QueryResult, 'batches' | 'columns'>>

/**
 * Profiles a column of a table at a snapshot. The engine runs the statements over the same loaded column.
 *
 * @throws {AppError} of the engine; invalid-request for a filter that does not fit the fields
 */
export async function profileColumn(
  field: NestedField,
  { table, snapshotId, fields, rowCount, where }: ProfiledTable,
  run: RunSql,
): Promise<ColumnProfile> {
  const source = `${sqlName([table.catalog, ...table.namespace, table.table])} for version as of ${snapshotId}`
  return await profileRows(field, fields, { source, rowCount, where }, run)
}

/** Profiles a column of a relation with three statements, or four if few of many rows have a value, or few different ones. */
export async function profileRows(
  field: NestedField,
  fields: readonly NestedField[],
  relation: Parameters<typeof profileSql>[2],
  run: RunSql,
): Promise<ColumnProfile> {
  const { summary, distinctOf, top, position, ...columnOfSource } = profileSql(field, fields, relation)
  const [[rows, known, distinct, min, max, nan, infinite, low, high] = []] = rowsOf(await run(summary))
  const counts = { rowCount: toCount(rows), nullCount: toCount(rows) - toCount(known) }
  if (top === null) return { ...counts, values: null }
  // A filter, or nulls, may leave few of many rows, which is known only now.
  const isDistinctExact = toCount(known) <= MAX_EXACT_VALUES || toCount(distinct) <= MAX_EXACT_DISTINCT
  const distinctCount =
    isDistinctExact && distinctOf !== null ? toCount(rowsOf(await run(distinctOf))[0]?.[0]) : toCount(distinct)
  const topRows = rowsOf(await run(top))
  const buckets = new Array<number>(position === null ? 0 : BUCKETS).fill(0)
  const ends = typeof low === 'string' && typeof high === 'string' ? { low, high } : null
  if (position !== null && ends !== null) {
    const histogram = bucketsSql(position, ends, columnOfSource)
    for (const [bucket, count] of rowsOf(await run(histogram))) buckets[toCount(bucket)] = toCount(count)
  }
  const numericEnds = ends && { min: Number(ends.low), max: Number(ends.high) }
  return {
    ...counts,
    values: {
      distinctCount,
      isDistinctExact,
      nanCount: isFloat(field.type) ? toCount(nan) : null,
      infiniteCount: isFloat(field.type) ? toCount(infinite) : null,
      min: min ?? null,
      max: max ?? null,
      top: topRows.flatMap(([value, count]) =>
        value === null || value === undefined ? [] : [{ value, count: toCount(count) }],
      ),
      histogram: buckets,
      finite: isFloat(field.type) ? numericEnds : null,
      lengths: field.type === 'string' ? (numericEnds ?? { min: 0, max: 0 }) : null,
    },
  }
}

/** The statements of a profile and what its histogram is of; null where the type has no such part. */
export function profileSql(
  field: NestedField,
  fields: readonly NestedField[],
  { source: table, rowCount, where }: { source: string; rowCount: number; where?: string | undefined },
) {
  const { fields: named } = distinguishNames(fields)
  const { name } = named.find(({ id }) => id === field.id) ?? field
  const column = quoteIdentifier(name)
  const source =
    where === undefined ? table : `(select ${column} from ${table} where ${filterToSql({ where, fields: named })})`
  if (isOnlyCounted(field.type)) {
    const summary = `select count(*), count(${column}) from ${source}`
    return { summary, distinctOf: null, top: null, position: null, column, source }
  }
  const position = valuePosition(column, field.type)
  const isCounted = rowCount <= MAX_EXACT_VALUES
  const distinct = isCounted ? `count(distinct ${column})` : `approx_count_distinct(${column})`
  // For a summary that only estimates it.
  const distinctOf = isCounted ? null : `select count(distinct ${column}) from ${source}`
  // NaN is not between the least and the greatest number.
  const onlyNumbers = isFloat(field.type) ? ` filter (where not isnan(${column}))` : ''
  const countOf = (test: string) => (isFloat(field.type) ? `count(*) filter (where ${test}(${column}))` : '0')
  // As text, because a value may have more digits than a number.
  const ends = position === null ? '' : `, cast(min(${position.sql}) as varchar), cast(max(${position.sql}) as varchar)`
  const summary =
    `select count(*), count(${column}), ${distinct}, min(${column})${onlyNumbers}, max(${column})${onlyNumbers}, ` +
    `${countOf('isnan')}, ${countOf('isinf')}${ends} from ${source}`
  const top =
    `select ${column}, count(*) as n from ${source} where ${column} is not null ` +
    `group by ${column} order by n desc, ${column} limit ${TOP_VALUES}`
  return { summary, distinctOf, top, position, column, source }
}

/** Whether values of a type are counted only. */
function isOnlyCounted(type: Type): boolean {
  return typeof type !== 'string' || /^(variant|geometry|geography|unknown)/.test(type)
}

function isFloat(type: Type): boolean {
  return type === 'float' || type === 'double'
}

function rowsOf({ batches, columns }: Pick<QueryResult, 'batches' | 'columns'>): (RowValue | null)[][] {
  return batches.flatMap((batch) =>
    Array.from({ length: batch.rowCount }, (_, row) => columns.map((_column, column) => batch.value(row, column))),
  )
}

/** Counts of rows fit in a number: a table of a browser has fewer than 2^53 rows. */
function toCount(value: RowValue | null | undefined): number {
  return typeof value === 'bigint' || typeof value === 'number' ? Number(value) : 0
}
