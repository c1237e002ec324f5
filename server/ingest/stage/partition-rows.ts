import 'server-only'
import { AppError } from '@/lib/errors'
import { valueFromText, valueLiteral, valueTextSql } from '@/server/data-files/duckdb/value-text'
import { plainBytesSql } from '@/server/data-files/measure/plain-bytes'
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

/** The partitions of the rows that fit, in the order of their values; a table without partition fields has one. */
export async function findPartitions(
  {
    request,
    session,
    partitionColumns,
  }: Pick<Staging, 'session' | 'partitionColumns'> & { request: Pick<StageRequest, 'schema'> },
  { relation }: StagedRows,
): Promise<Partition[]> {
  const plain = request.schema.fields
    .flatMap((field, i) => (isStored(field) ? [`(${plainBytesSql(field.type, stagedColumn(i))})`] : []))
    .join(' + ')
  const keys = partitionColumns.map((_column, i) => stagedPartitionColumn(i))
  const texts = partitionColumns.map(({ type }, i) => `${valueTextSql(type, stagedPartitionColumn(i))} AS t${i}`)
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
      const conditions = values.map((value, i) =>
        value === null ? `${keys[i]} IS NULL` : `${keys[i]} = ${valueLiteral(value.type, value.text)}`,
      )
      return {
        values: values.map((value) => (value === null ? null : valueFromText(value.type, value.text))),
        condition: ['misfits IS NULL', ...conditions].join(' AND '),
        rowCount: Number(group.rows),
        bytesPerRow: Number(group.plain) / Number(group.rows),
      }
    })
}
