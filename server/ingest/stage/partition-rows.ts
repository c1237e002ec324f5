import 'server-only'
import { AppError } from '@/lib/errors'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import { isValueSql, valueFromText, valueTextSql } from '@/server/data-files/duckdb/value-text'
import { plainBytesSql } from '@/server/data-files/measure/plain-bytes'
import type { PartitionColumn } from '@/server/data-files/write/partition-sql'
import { isStored } from '@/server/data-files/write/writable-columns'
import { stagedColumn, stagedPartitionColumn } from '../input/checked-rows'
import type { StagedRows } from '../input/staged-rows'
import type { StageRequest } from '../stage-request'
import type { PartitionRows } from './staged-files'
import type { Staging } from './staging'

/** Each partition of a run is at least one file. */
const MAX_PARTITIONS = 10_000

export type Partition = PartitionRows & {
  /** Finds its rows among the checked ones. */
  condition: string
  rowCount: number
}

/**
 * The keys by which the rows of a load are grouped and sorted into partitions. DuckDB takes zeros of both signs for
 * equal; they are two partitions, because the values of a partition are compared by their bits.
 */
export function partitionKeysSql(partitionColumns: readonly Pick<PartitionColumn, 'type'>[]): string[] {
  return partitionColumns.flatMap(({ type }, i) => {
    const key = stagedPartitionColumn(i)
    return isFloating(type) ? [key, isNegativeZeroSql(key)] : [key]
  })
}

function isOfPartitionSql(key: string, value: { type: PrimitiveType; text: string } | null): string {
  if (value === null) return `${key} IS NULL`
  const isEqual = isValueSql(value.type, key, value.text)
  if (!isFloating(value.type)) return isEqual
  const isNegativeZero = Object.is(valueFromText(value.type, value.text), -0)
  return `${isEqual} AND ${isNegativeZero ? '' : 'NOT '}${isNegativeZeroSql(key)}`
}

function isFloating(type: PrimitiveType): boolean {
  return type === 'float' || type === 'double'
}

function isNegativeZeroSql(key: string): string {
  return `(${key} = 0 AND signbit(${key}))`
}

/** The sum of terms, in pairs: each one more would be a level of the statement, and DuckDB allows 1,000 of them. */
function addAll(terms: readonly string[]): string {
  if (terms.length <= 1) return `(${terms[0] ?? '0'})`
  const middle = Math.ceil(terms.length / 2)
  return `(${addAll(terms.slice(0, middle))} + ${addAll(terms.slice(middle))})`
}

/** The partitions of the rows that fit, in the order of their values; a table without partition fields has one. */
export async function findPartitions(
  {
    request,
    session,
    partitionColumns,
  }: Pick<Staging, 'session' | 'partitionColumns'> & { request: Pick<StageRequest, 'schema'> },
  { relation }: StagedRows,
): Promise<Partition[]> {
  const plain = addAll(
    request.schema.fields.flatMap((field, i) => (isStored(field) ? [plainBytesSql(field.type, stagedColumn(i))] : [])),
  )
  const texts = partitionColumns.map(({ type }, i) => `${valueTextSql(type, stagedPartitionColumn(i))} AS t${i}`)
  const keys = partitionKeysSql(partitionColumns)
  const grouped = keys.length === 0 ? '' : `GROUP BY ${keys.join(', ')} ORDER BY ${keys.join(', ')}`
  const groups = await session.rows(
    `SELECT ${[...texts, 'count(*)::DOUBLE AS "rows"', `sum(${plain})::DOUBLE AS plain`].join(', ')}
     FROM ${relation} WHERE misfits IS NULL ${grouped} LIMIT ${MAX_PARTITIONS + 1}`,
  )
  if (groups.length > MAX_PARTITIONS) {
    throw new AppError('too-large', `The input has rows of more than ${MAX_PARTITIONS} partitions. Load it in parts.`)
  }
  return groups
    .filter((group) => Number(group.rows) > 0)
    .map((group) => {
      const values = partitionColumns.map(({ type }, i) => {
        const text = group[`t${i}`]
        return typeof text === 'string' ? { type, text } : null
      })
      const conditions = values.map((value, i) => isOfPartitionSql(stagedPartitionColumn(i), value))
      return {
        values: values.map((value) => (value === null ? null : valueFromText(value.type, value.text))),
        condition: ['misfits IS NULL', ...conditions].join(' AND '),
        rowCount: Number(group.rows),
        bytesPerRow: Number(group.plain) / Number(group.rows),
      }
    })
}
