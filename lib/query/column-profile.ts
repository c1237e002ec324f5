import type { TableIdentifier } from '@/lib/names/identifiers'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'
import type { ColumnProfile } from './column-profile-types'
import { distinguishNames } from './duckdb/distinct-names'
import type { QueryResult } from './engine'
import { filterToSql } from './predicate-sql'
import { quoteIdentifier } from '@/lib/sql/quote-identifier'
import { sqlName } from './tables/table-name'

/** With more rows, the number of different values is estimated. */
const MAX_EXACT_ROWS = 2_000_000
const TOP_VALUES = 8
const BUCKETS = 20

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

/** Profiles a column of a relation with three statements. */
export async function profileRows(
  field: NestedField,
  fields: readonly NestedField[],
  relation: Parameters<typeof profileSql>[2],
  run: RunSql,
): Promise<ColumnProfile> {
  const { rowCount } = relation
  const { summary, top, histogram, scale } = profileSql(field, fields, relation)
  const [[rows, known, distinct, min, max, nan, minLength, maxLength] = []] = rowsOf(await run(summary))
  const counts = { rowCount: toCount(rows), nullCount: toCount(rows) - toCount(known) }
  if (top === null) return { ...counts, values: null }
  const topRows = rowsOf(await run(top))
  const buckets = new Array<number>(histogram === null ? 0 : BUCKETS).fill(0)
  if (histogram !== null) {
    for (const [bucket, count] of rowsOf(await run(histogram))) buckets[toCount(bucket)] = toCount(count)
  }
  return {
    ...counts,
    values: {
      distinctCount: toCount(distinct),
      isDistinctExact: rowCount <= MAX_EXACT_ROWS,
      nanCount: isFloat(field.type) ? toCount(nan) : null,
      min: min ?? null,
      max: max ?? null,
      top: topRows.flatMap(([value, count]) =>
        value === null || value === undefined ? [] : [{ value, count: toCount(count) }],
      ),
      histogram: buckets,
      lengths: scale === 'length' ? { min: toCount(minLength), max: toCount(maxLength) } : null,
    },
  }
}

/** The statements of a profile; null where the type has no such part. */
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
  const scale = scaleOf(field.type)
  if (scale === null) {
    return { summary: `select count(*), count(${column}) from ${source}`, top: null, histogram: null, scale }
  }
  const distinct = rowCount <= MAX_EXACT_ROWS ? `count(distinct ${column})` : `approx_count_distinct(${column})`
  // NaN is not between the least and the greatest number.
  const onlyNumbers = isFloat(field.type) ? ` filter (where not isnan(${column}))` : ''
  const nan = isFloat(field.type) ? `count(*) filter (where isnan(${column}))` : '0'
  const lengths = scale === 'length' ? `, min(length(${column})), max(length(${column}))` : ''
  const summary =
    `select count(*), count(${column}), ${distinct}, min(${column})${onlyNumbers}, max(${column})${onlyNumbers}, ` +
    `${nan}${lengths} from ${source}`
  const top =
    `select ${column}, count(*) as n from ${source} where ${column} is not null ` +
    `group by ${column} order by n desc, ${column} limit ${TOP_VALUES}`
  const position = positionSql(column, scale)
  const histogram =
    position &&
    `with positions as (select ${position} as p from ${source} where ${column} is not null), ` +
      'bounds as (select min(p) as low, max(p) as high from positions where isfinite(p)) ' +
      `select case when high > low then least(${BUCKETS - 1}, cast(floor((p - low) / (high - low) * ${BUCKETS}) as integer)) ` +
      'else 0 end as bucket, count(*) as n from positions, bounds where isfinite(p) group by bucket order by bucket'
  return { summary, top, histogram, scale }
}

type Scale = 'number' | 'time' | 'instant' | 'time-text' | 'length' | 'none'

/** The scale of the histogram of a type; null for a type whose values are only counted. */
function scaleOf(type: Type): Scale | null {
  if (typeof type !== 'string' || /^(variant|geometry|geography|unknown)/.test(type)) return null
  switch (parsePrimitive(type).kind) {
    case 'int':
    case 'long':
    case 'float':
    case 'double':
    case 'decimal':
      return 'number'
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamp_ns':
      return 'time'
    case 'timestamptz':
      return 'instant'
    case 'timestamptz_ns':
      return 'time-text'
    case 'string':
      return 'length'
    default:
      return 'none'
  }
}

/** A position on the scale as a double: it chooses a bucket, and no value is shown from it. */
function positionSql(column: string, scale: Scale): string | null {
  switch (scale) {
    case 'number':
      return `cast(${column} as double)`
    case 'time':
      return `cast(epoch(${column}) as double)`
    case 'instant':
      // Needs no calendar, which the browser's engine does not have.
      return `cast(epoch_us(${column}) as double)`
    case 'time-text':
      // The engine has no such type, so its values are texts.
      return `cast(epoch(cast(${column} as timestamptz)) as double)`
    case 'length':
      return `cast(length(${column}) as double)`
    case 'none':
      return null
  }
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
