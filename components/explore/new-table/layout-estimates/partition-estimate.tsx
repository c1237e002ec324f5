'use client'
import { useMemo } from 'react'
import { PartitionBars } from '@/components/chart/partition-bars'
import { WarningNote } from '@/components/ui/notes/warning-note'
import type { NewTableDraft } from '@/lib/changes/new-table/new-table-draft'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { BLOCK_COUNT } from '@/lib/ingest/sample/spread-sample'
import { samplePartitions } from '@/lib/ingest/sample/sampled-partitions'
import classes from '../new-table.module.css'
import type { SampledRows } from '../sample-column'
import { sampledFields } from './sampled-fields'
import { useTextRows } from './use-text-rows'

/** More are drawn by those with the most rows. */
const MAX_BARS = 400
/** More partitions than this, each with less of the file, would be many small files. */
const MANY_PARTITIONS = 100
const SMALL_BYTES = 4 * 1024 * 1024

/** How the rows of the file would be divided by the partition spec of the draft. */
export function PartitionEstimate({ rows, draft }: { rows: SampledRows; draft: NewTableDraft }) {
  const fields = sampledFields(rows, draft, draft.partitionFields)
  const read = useTextRows(rows, fields.length > 0)
  const key = JSON.stringify(fields)
  const partitions = useMemo(
    () => (read.rows === null ? null : samplePartitions(read.rows, JSON.parse(key), rows.csv ?? undefined)),
    [read.rows, key, rows],
  )
  if (draft.partitionFields.length === 0) return null
  if (fields.length < draft.partitionFields.length || read.error)
    return (
      <p className={classes.quiet}>
        {read.error
          ? `${rows.fileName} could not be read again: ${read.error.message}`
          : 'The file has no such column.'}
      </p>
    )
  if (partitions === null) return <p className={classes.quiet}>Dividing the rows of {rows.fileName} …</p>
  return <Estimate rows={rows} partitions={partitions} />
}

function Estimate({
  rows: { fileName, fileBytes, from },
  partitions,
}: {
  rows: SampledRows
  partitions: readonly { label: string; rowCount: number }[]
}) {
  const count = partitions.length
  if (count === 0) return <p className={classes.quiet}>No row of {fileName} fits the columns of the spec.</p>
  const isAtLeast = from === 'beginning' || (from === 'spread' && count > BLOCK_COUNT / 2)
  const mark = from === 'whole' ? '' : isAtLeast ? 'At least ' : '≈ '
  const eachBytes = fileBytes / count
  const largest = partitions.toSorted((a, b) => b.rowCount - a.rowCount).slice(0, MAX_BARS)
  const drawn = largest.toSorted((a, b) => (a.label < b.label ? -1 : 1))
  return (
    <div className="stack gap-6">
      <p className="bare dense" role="status">
        <b>
          {mark}
          {formatQuantity(count, 'partition')}
        </b>
        , {isAtLeast ? 'at most' : 'about'} {formatBytes(Math.round(eachBytes))} of {fileName}
        {count > 1 && ' in each'}
        {from === 'beginning' ? ', by its first rows' : ''}
        {count > MAX_BARS && `; the ${formatCount(MAX_BARS)} with the most rows are drawn`}
      </p>
      {count > 1 && <PartitionBars partitions={drawn} />}
      {count > MANY_PARTITIONS && eachBytes < SMALL_BYTES && (
        <WarningNote>
          Many small files make queries slow. A coarser partition, such as months instead of days, makes fewer.
        </WarningNote>
      )}
    </div>
  )
}
