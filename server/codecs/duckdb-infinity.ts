import 'server-only'
import { type DuckDBType, DuckDBTypeId } from '@duckdb/node-api'
import { quoteString } from '@/lib/sql/quote-identifier'
import { someLeafSql } from './duckdb-leaves'

/**
 * DuckDB takes the greatest date or time of a type and its negative for infinity, although a file may have them as
 * values, and has no text for the last ones before its calendar begins.
 */

/** The texts of the greatest value and its negative, in DuckDB's form. */
const END_TEXTS: Partial<Record<DuckDBTypeId, { last: string; first: string }>> = {
  [DuckDBTypeId.DATE]: { last: '5881580-07-11', first: '5877642-06-24 (BC)' },
  [DuckDBTypeId.TIMESTAMP]: { last: '294247-01-10 04:00:54.775807', first: '290309-12-21 (BC) 19:59:05.224193' },
  [DuckDBTypeId.TIMESTAMP_TZ]: {
    last: '294247-01-10 04:00:54.775807+00',
    first: '290309-12-21 (BC) 19:59:05.224193+00',
  },
  [DuckDBTypeId.TIMESTAMP_NS]: { last: '2262-04-11 23:47:16.854775807', first: '1677-09-21 00:12:43.145224193' },
}

/**
 * A value in DuckDB's own form, with its finite text where DuckDB would write infinity or fail. A nested value with such
 * a date or time is a text that says so.
 */
export function exactTextSql(type: DuckDBType, x: string): string {
  const ends = END_TEXTS[type.typeId]
  if (ends !== undefined)
    return `CASE WHEN ${x} = 'infinity' THEN ${quoteString(ends.last)} WHEN ${x} = '-infinity' THEN ${quoteString(ends.first)} ${earlyTextSql(type, x)}ELSE ${x}::VARCHAR END`
  const isInfinite = infiniteSql(type, x)
  if (isInfinite === null) return `${x}::VARCHAR`
  return `CASE WHEN ${isInfinite} THEN ${UNSHOWN} WHEN ${x} IS NOT NULL THEN coalesce(TRY(${x}::VARCHAR), ${UNSHOWN}) END`
}

const UNSHOWN = quoteString('(a value with a date or a time that DuckDB cannot hold)')

/** The values before DuckDB's calendar begins are those of one day, and one day later they have a text. */
function earlyTextSql({ typeId }: DuckDBType, x: string): string {
  if (typeId === DuckDBTypeId.TIMESTAMP)
    return `WHEN ${x} < TIMESTAMP '290309-12-22 (BC) 00:00:00' THEN '290309-12-21 (BC)' || substr(make_timestamp(epoch_us(${x}) + 86400000000)::VARCHAR, 18) `
  if (typeId === DuckDBTypeId.TIMESTAMP_NS)
    return `WHEN ${x} < TIMESTAMP_NS '1677-09-22 00:00:00' THEN '1677-09-21' || substr(make_timestamp_ns(epoch_ns(${x}) + 86400000000000)::VARCHAR, 11) `
  return ''
}

/** SQL that is true if a date or a time somewhere in the value is infinite; null if there can be none. */
export function infiniteSql(type: DuckDBType, value: string): string | null {
  return someLeafSql(type, value, infiniteLeafSql)
}

function infiniteLeafSql({ typeId }: DuckDBType, value: string): string | null {
  switch (typeId) {
    case DuckDBTypeId.DATE:
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return `coalesce(isinf(${value}), false)`
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
      return `coalesce(isinf(${value}::TIMESTAMP), false)`
    case DuckDBTypeId.TIMESTAMP_NS:
      return `coalesce(${value} IN ('infinity'::TIMESTAMP_NS, '-infinity'::TIMESTAMP_NS), false)`
    default:
      return null
  }
}
