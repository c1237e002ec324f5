'use client'
import { useMemo } from 'react'
import type { NewTableDraft } from '@/lib/changes/new-table/new-table-draft'
import { formatQuantity } from '@/lib/format/count'
import { formatPercent } from '@/lib/format/percent'
import { indexFields } from '@/lib/iceberg/schema/schema'
import { type SampledOrder, sampleOrder } from '@/lib/ingest/sample/sampled-order'
import type { SampledField } from '@/lib/ingest/sample/sampled-values'
import classes from '../new-table.module.css'
import type { SampledRows } from '../sample-column'
import { sampledFields } from './sampled-fields'
import { useTextRows } from './use-text-rows'

/** Below this difference an order changes little. */
const MIN_GAIN = 0.05

/** The effect of the sort order of the draft on queries of the file's rows. */
export function OrderEstimate({ rows, draft }: { rows: SampledRows; draft: NewTableDraft }) {
  const [first] = draft.sortFields
  const [sortField] = sampledFields(rows, draft, draft.sortFields.slice(0, 1))
  const partitionFields = sampledFields(rows, draft, draft.partitionFields)
  // The first rows say nothing of the order of the others, and a compressed file not how many there are.
  const isKnown = sortField !== undefined && rows.from !== 'beginning' && rows.sampledBytes !== null
  const read = useTextRows(rows, isKnown)
  const key = JSON.stringify([partitionFields, sortField])
  const order = useMemo(() => {
    if (!isKnown || read.rows === null || rows.sampledBytes === null) return null
    const [partitionFields, sortField] = JSON.parse(key) as [SampledField[], SampledField]
    const fileRows = (read.rows.length * rows.fileBytes) / rows.sampledBytes
    return sampleOrder({ rows: read.rows, partitionFields, sortField, csv: rows.csv ?? undefined }, fileRows)
  }, [isKnown, read.rows, key, rows])
  if (first === undefined || order === null) return null
  const column = indexFields(draft.schema).get(first.sourceId)?.path.join('.') ?? ''
  return (
    <p className="bare dense" role="status" aria-label="Estimate of the sort order">
      {describeOrder(order, column, rows)}
    </p>
  )
}

function describeOrder(
  { partitionCount, groupCount, sortedGroups, unsortedGroups }: SampledOrder,
  column: string,
  { fileName }: SampledRows,
): React.ReactNode {
  const [sorted, unsorted] = [sortedGroups / groupCount, unsortedGroups / groupCount]
  if (groupCount === partitionCount)
    return (
      <span className={classes.quiet}>
        The rows of {fileName} fill one row group
        {partitionCount > 1 && ` of each of ${formatQuantity(partitionCount, 'partition')}`}, so queries read as much as
        without the order.
      </span>
    )
  if (unsorted - sorted < MIN_GAIN)
    return (
      <>
        The rows of {fileName} are already in this order: a filter for one value of {column} reads{' '}
        <Share of={unsorted} /> of the row groups with or without it.
      </>
    )
  return (
    <>
      A filter for one value of {column} reads <Share of={sorted} /> of the row groups. In the order of {fileName} it
      would read <Share of={unsorted} />.
    </>
  )
}

function Share({ of: share }: { of: number }) {
  return <b className={classes.share}>≈ {formatPercent(share)}</b>
}
