import 'server-only'
import type { ColumnCast } from '../cast/column-cast'
import type { RowCheck } from '../cast/row-check'
import { quoteIdentifier } from '@/server/data-files/duckdb/column-type'
import type { LoadedInput } from './loaded-input'
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

/** How rows are staged: with their partition values, and after these checks. */
export type RowsToStage = { partition: readonly PartitionColumn[]; checks: readonly RowCheck[] }

/** Rows under the table's own names; the whole statement fails at the first value that does not fit or fails a check. */
export function selectRowsOrFail(input: LoadedInput, checks: readonly RowCheck[]): string {
  const { casts } = input
  const columns = valuesOrFail(casts, checks).map((value, i) => {
    const name = casts[i]?.field.name ?? ''
    return `${value} AS ${quoteIdentifier(name)}`
  })
  return `SELECT ${columns.join(', ')} FROM (${selectValues(input, (value) => value)})`
}

/** The same for rows as they are staged (see {@link selectRowsWithMisfits}), which takes a third less time. */
export function selectStagedRowsOrFail(input: LoadedInput, { partition, checks }: RowsToStage): string {
  const { casts } = input
  const values = valuesOrFail(casts, checks).map((value, i) => `${value} AS ${stagedColumn(i)}`)
  const rows = `SELECT ${['record', 'line', ...values, 'NULL::BOOLEAN AS misfits'].join(', ')} FROM (${selectValues(input, (value) => value)})`
  return addPartitions(rows, partition)
}

function valuesOrFail(casts: readonly ColumnCast[], checks: readonly RowCheck[]): string[] {
  return casts.map((cast, i) => {
    const fitting = valueOrFail(cast, `r${i}`, `v${i}`)
    const broken = checks.filter(({ columnIndex }) => columnIndex === i).map(({ isBroken }) => isBroken(`v${i}`))
    return passedOrFail(fitting, broken)
  })
}

/** DuckDB does not divide the rows of a vector that all meet the first condition of a CASE. */
function valueOrFail({ isBad, isSurelyExact }: ColumnCast, raw: string, value: string): string {
  const failure = isBad(raw, value)
  if (failure === 'false') return value
  const sure = isSurelyExact ? `WHEN ${isSurelyExact(raw, value)} THEN ${value} ` : ''
  return `CASE ${sure}WHEN ${failure} THEN error('a value does not fit') ELSE ${value} END`
}

function passedOrFail(value: string, broken: readonly string[]): string {
  if (broken.length === 0) return value
  return `CASE WHEN NOT (${broken.join(' OR ')}) THEN ${value} ELSE error('a value breaks a rule') END`
}

/**
 * Rows as they are staged: `record`, which tells them apart, `line`, the columns `v0 …`, the partition values `p0 …`, and
 * `misfits`: null when the whole row fits, otherwise the index and text of each column that does not, or that fails a
 * check, with the check's index.
 */
export function selectRowsWithMisfits(input: LoadedInput, { partition, checks }: RowsToStage): string {
  const { casts } = input
  const values = casts.map((_cast, i) => stagedColumn(i))
  const from = selectOutcomes(selectValues(input, guardValue), checks)
  const checked = `SELECT ${['record', 'line', ...values, `${listMisfits(casts, checks)} AS misfits`].join(', ')} FROM (${from})`
  return addPartitions(checked, partition)
}

function addPartitions(rows: string, partition: readonly PartitionColumn[]): string {
  if (partition.length === 0) return rows
  const partitions = partition.map(({ sql }, i) => `${sql} AS ${stagedPartitionColumn(i)}`)
  return `SELECT *, ${partitions.join(', ')} FROM (${rows})`
}

/** Adds a column `b0 …` for each check: whether the row fails it. */
function selectOutcomes(rows: string, checks: readonly RowCheck[]): string {
  if (checks.length === 0) return rows
  const outcomes = checks.map(({ columnIndex, isBroken }, i) => `${isBroken(`v${columnIndex}`)} AS b${i}`)
  return `SELECT *, ${outcomes.join(', ')} FROM (${rows})`
}

function listMisfits(casts: readonly ColumnCast[], checks: readonly RowCheck[]): string {
  const failures = casts.map((cast, i) => guardTest(cast.isBad(`r${i}`, `v${i}`)))
  const entry = (columnIndex: number, checkIndex: number | null) => {
    const cast = casts[columnIndex]
    const text = cast ? guardText(cast, `r${columnIndex}`) : 'NULL'
    return `{'column_index': ${columnIndex}, 'check_index': ${checkIndex ?? 'NULL::INTEGER'}, 'text': (${text})::VARCHAR}`
  }
  const misfits = [
    ...failures.flatMap((failure, i) =>
      failure === 'false' ? [] : [{ failure, when: failure, entry: entry(i, null) }],
    ),
    ...checks.map(({ columnIndex }, i) => {
      const misfit = failures[columnIndex] ?? 'false'
      // A value that does not fit is reported once, for that reason.
      const when = misfit === 'false' ? `b${i}` : `b${i} AND NOT (${misfit})`
      return { failure: `b${i}`, when, entry: entry(columnIndex, i) }
    }),
  ]
  if (misfits.length === 0) return `NULL::${MISFITS_TYPE}`
  const entries = misfits.map(({ when, entry: listed }) => `CASE WHEN ${when} THEN ${listed} END`)
  return `CASE WHEN ${misfits.map(({ failure }) => `(${failure})`).join(' OR ')} THEN list_filter([${entries.join(', ')}], lambda m: m IS NOT NULL) END`
}

/** A failed conversion results in null, which {@link guardTest} finds, because the raw value is not null. */
function guardValue(value: string, raw: string): string {
  return value === raw ? value : `TRY(${value})`
}

/** A conversion that fails must reject its row, not stop the load, so an error is a value that does not fit. */
function guardTest(isBad: string): string {
  return isBad === 'false' ? isBad : `coalesce(TRY(${isBad}), true)`
}

function guardText({ displayText }: ColumnCast, raw: string): string {
  const text = displayText(raw)
  // A struct, so that an error is distinguished from a text that is null.
  return text === raw ? text : `coalesce(TRY({'t': (${text})::VARCHAR}), {'t': '(a value that cannot be shown)'}).t`
}

const MISFITS_TYPE = 'STRUCT(column_index INTEGER, check_index INTEGER, "text" VARCHAR)[]'

function selectValues(
  { relation, recordColumn = 'line', casts }: LoadedInput,
  guard: (value: string, raw: string) => string,
): string {
  const raws = casts.map((cast, i) => `${cast.raw} AS r${i}`)
  const values = casts.map((cast, i) => `${guard(cast.value(`r${i}`), `r${i}`)} AS v${i}`)
  const numbers = [`${recordColumn} AS record`, 'line']
  return `SELECT record, line, ${[...casts.map((_cast, i) => `r${i}`), ...values].join(', ')} FROM (SELECT ${[...numbers, ...raws].join(', ')} FROM ${relation})`
}
