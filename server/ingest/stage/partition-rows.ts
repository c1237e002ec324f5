import 'server-only'
import { AppError } from '@/lib/errors'
import { valueFromText, valueLiteral, valueTextSql } from '@/server/data-files/duckdb/value-text'
import { plainBytesSql } from '@/server/data-files/measure/plain-bytes'
import { selectTableColumns } from '@/server/data-files/write/parquet-file'
import { isStored } from '@/server/data-files/write/writable-columns'
import { SLOT, SLOT_COUNT, stagedColumn, stagedPartitionColumn } from '../input/checked-rows'
import type { StagedRows } from '../input/staged-rows'
import type { PartitionRows, StagedFiles } from './staged-files'
import type { Staging } from './staging'

/** Each partition of a run is at least one file. */
const MAX_PARTITIONS = 10_000
/** Up to this many partitions, each is found by its own scan; more are first divided by their slots. */
const MAX_SCANNED_PARTITIONS = 24
/** Slots are divided by one hexadecimal digit at a time. */
const SLOT_DIGIT = 16

export type Partition = PartitionRows & {
  /** Finds its rows among the checked ones. */
  condition: string
  slot: number
}

/** The partitions of the rows that fit; a table without partition fields has one. */
export async function findPartitions(
  { request, session, partitionColumns }: Staging,
  { relation }: StagedRows,
): Promise<Partition[]> {
  const plain = request.schema.fields
    .flatMap((field, i) => (isStored(field) ? [`(${plainBytesSql(field.type, stagedColumn(i))})`] : []))
    .join(' + ')
  const keys = partitionColumns.map((_column, i) => stagedPartitionColumn(i))
  const texts = partitionColumns.map(({ type }, i) => `${valueTextSql(type, stagedPartitionColumn(i))} AS t${i}`)
  const slot = keys.length === 0 ? [] : [`any_value(${SLOT}) AS slot`]
  const grouped = keys.length === 0 ? '' : `GROUP BY ${keys.join(', ')} ORDER BY ${keys.join(', ')}`
  const groups = await session.rows(
    `SELECT ${[...texts, ...slot, 'count(*)::DOUBLE AS "rows"', `sum(${plain})::DOUBLE AS plain`].join(', ')}
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
        slot: Number(group.slot ?? 0),
        bytesPerRow: Number(group.plain) / Number(group.rows),
      }
    })
}

type PartitionedRows = {
  rows: StagedRows
  partitions: readonly Partition[]
  /** By which the slots of these rows are divided next. */
  digit?: number
}

/** Writes each partition, and removes the rows once they are written. */
export async function writePartitions(
  staging: Staging,
  files: StagedFiles,
  { rows, partitions, digit = 1 }: PartitionedRows,
): Promise<void> {
  if (partitions.length <= MAX_SCANNED_PARTITIONS || digit >= SLOT_COUNT) {
    const columns = selectTableColumns(staging.request.schema, stagedColumn)
    for (const { condition, ...partition } of partitions) {
      await files.write(`SELECT ${columns} FROM ${rows.relation} WHERE ${condition}`, partition)
    }
    return rows.discard()
  }
  for (let value = 0; value < SLOT_DIGIT; value += 1) {
    const matching = partitions.filter(({ slot }) => Math.floor(slot / digit) % SLOT_DIGIT === value)
    if (matching.length === 0) continue
    const condition = `misfits IS NULL AND ${SLOT} // ${digit} % ${SLOT_DIGIT} = ${value}`
    const part = await staging.runWithProgress('writing', () => rows.filter(condition))
    await writePartitions(staging, files, { rows: part, partitions: matching, digit: digit * SLOT_DIGIT })
  }
  return rows.discard()
}
