import 'server-only'
import type { ColumnCast } from '../cast/column-cast'
import { quoteIdentifier } from '@/server/data-files/duckdb/column-type'
import type { LoadedInput } from './load-input'
import type { PartitionColumn } from '@/server/data-files/write/partition-sql'

/** SQL over an input: each column's raw form, its value, and whether the value is exactly the raw one. */

/** The staged column of a field, by its index in the schema. */
export function stagedColumn(index: number): string {
  return `v${index}`
}

/** The staged column of a partition field, by its index in the spec. */
export function stagedPartitionColumn(index: number): string {
  return `p${index}`
}

/** The staged column that divides partitions coarsely: rows of one partition have the same slot. */
export const SLOT = 'slot'
export const SLOT_COUNT = 4096

/** Rows under the table's own names; the whole statement fails at the first value that does not fit. */
export function selectRowsOrFail({ relation, casts }: LoadedInput): string {
  const columns = casts.map((cast, i) => {
    const isBad = cast.isBad(`r${i}`, `v${i}`)
    const value = isBad === 'false' ? `v${i}` : `CASE WHEN ${isBad} THEN error('a value does not fit') ELSE v${i} END`
    return `${value} AS ${quoteIdentifier(cast.field.name)}`
  })
  return `SELECT ${columns.join(', ')} FROM (${selectValues(relation, casts)})`
}

/**
 * Rows as they are staged: `line`, the columns `v0 …`, the partition values `p0 …` and their `slot`, and `misfits`:
 * null when the whole row fits, otherwise the index and text of each column that does not.
 */
export function selectRowsWithMisfits({ relation, casts }: LoadedInput, partition: readonly PartitionColumn[]): string {
  const misfits = casts.flatMap((cast, i) => {
    const isBad = cast.isBad(`r${i}`, `v${i}`)
    return isBad === 'false' ? [] : [{ isBad, entry: `{'column_index': ${i}, 'text': ${cast.displayText(`r${i}`)}}` }]
  })
  const entries = misfits.map(({ isBad, entry }) => `CASE WHEN ${isBad} THEN ${entry} END`)
  const list =
    misfits.length === 0
      ? 'NULL::STRUCT(column_index INTEGER, "text" VARCHAR)[]'
      : `CASE WHEN ${misfits.map(({ isBad }) => `(${isBad})`).join(' OR ')} THEN list_filter([${entries.join(', ')}], lambda m: m IS NOT NULL) END`
  const values = casts.map((_cast, i) => stagedColumn(i))
  const partitions = partition.map(({ sql }, i) => `${sql} AS ${stagedPartitionColumn(i)}`)
  const checked = `SELECT ${['line', ...values, `${list} AS misfits`].join(', ')} FROM (${selectValues(relation, casts)})`
  if (partitions.length === 0) return checked
  const keys = partition.map((_column, i) => stagedPartitionColumn(i)).join(', ')
  return `SELECT *, (hash(${keys}) % ${SLOT_COUNT})::USMALLINT AS ${SLOT} FROM (SELECT *, ${partitions.join(', ')} FROM (${checked}))`
}

function selectValues(relation: string, casts: readonly ColumnCast[]): string {
  const raws = casts.map((cast, i) => `${cast.raw} AS r${i}`)
  const values = casts.map((cast, i) => `${cast.value(`r${i}`)} AS v${i}`)
  return `SELECT line, ${[...casts.map((_cast, i) => `r${i}`), ...values].join(', ')} FROM (SELECT ${['line', ...raws].join(', ')} FROM ${relation})`
}
