'use client'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { type Listing } from '@/components/ui/table/listing'
import { bytesColumn, countColumn } from '@/components/ui/table/figure-columns'
import { type Fact, Facts } from '@/components/ui/values/facts'
import { PathText } from '@/components/ui/values/path-text'
import { Unknown } from '@/components/ui/values/unknown'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { getFile } from '@/lib/contract/table/files'
import type { FileColumn } from '@/lib/contract/table/files'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { shownBound } from '@/lib/iceberg/schema/shown-bound'
import type { z } from 'zod'

type EntryPage = z.output<typeof getFile.output>

/** The manifest's entry for a file and its columns. Engines plan with these figures. */
export function FileEntry({
  entry,
  listing,
  onMore,
  isLoadingMore,
}: {
  entry: EntryPage
  /** The columns of the entry. */
  listing: Listing<EntryPage['columns'][number]>
  /** Null when all columns are listed. */
  onMore: (() => void) | null
  isLoadingMore: boolean
}) {
  const timeZone = useTimeZone()
  return (
    <>
      <Panel title="Entry in the manifest">
        <Facts facts={entryFacts(entry)} />
      </Panel>
      <Panel
        title="Columns"
        subtitle={`${formatQuantity(entry.columnCount, 'column')} with metrics, bounds by type`}
        flush
      >
        {listing.rows.length === 0 ? (
          <EmptyState>The writer stored no metrics of columns.</EmptyState>
        ) : (
          <DataTable
            label="Column metrics"
            columns={listColumns(timeZone)}
            rows={listing}
            rowKey={({ fieldId }) => String(fieldId)}
            rowHeight={28}
            stacks
          />
        )}
        {onMore !== null && (
          <WaitingButton variant="subtle" loading={isLoadingMore} onClick={onMore}>
            Showing {formatCount(listing.rows.length)} of {formatQuantity(entry.columnCount, 'column')}. Load more
          </WaitingButton>
        )}
      </Panel>
    </>
  )
}

const MAX_SHOWN_OFFSETS = 20

function entryFacts(entry: EntryPage): Fact[] {
  const { file, splitOffsets, equalityColumns } = entry
  const facts: (Fact | null)[] = [
    ['Manifest', <PathText key="manifest">{file.manifestPath}</PathText>],
    ['Status', file.status],
    ['Added by snapshot', <code key="snapshot">{file.addedSnapshotId}</code>],
    ['Data sequence number', String(file.sequenceNumber)],
    ['File sequence number', entry.fileSequenceNumber === null ? '–' : String(entry.fileSequenceNumber)],
    ['Partition spec', String(file.specId)],
    ['Sort order', entry.sortOrderId === null ? '–' : String(entry.sortOrderId)],
    entry.firstRowId === null ? null : ['First row id', entry.firstRowId],
    equalityColumns === null ? null : ['Compared columns', equalityColumns.join(', ')],
    entry.referencedDataFile === null
      ? null
      : ['Applies to', <PathText key="referenced">{entry.referencedDataFile}</PathText>],
    splitOffsets === null ? null : ['Split offsets', offsetsText(splitOffsets)],
  ]
  return facts.filter((fact) => fact !== null)
}

function offsetsText(offsets: readonly number[]): string {
  const shown = offsets.slice(0, MAX_SHOWN_OFFSETS).map(formatCount).join(' · ')
  return offsets.length > MAX_SHOWN_OFFSETS ? `${shown} and ${offsets.length - MAX_SHOWN_OFFSETS} more` : shown
}

const NOT_STORED = 'the writer did not store it'

function listColumns(timeZone: string): Column<FileColumn>[] {
  const boundText = (bound: string | null, type: string | null) => (
    <BoundText text={bound && shownBound(bound, type, timeZone)} />
  )
  return [
    {
      id: 'column',
      header: 'Column',
      weight: 'name',
      cell: ({ name }) => name ?? <Unknown reason="no schema of the table has this field" />,
      sortBy: ({ name }) => name,
    },
    { id: 'id', header: 'Id', align: 'end', cell: ({ fieldId }) => fieldId, sortBy: ({ fieldId }) => fieldId },
    {
      id: 'type',
      header: 'Type',
      cell: ({ type }) => type !== null && <code>{type}</code>,
      sortBy: ({ type }) => type,
    },
    bytesColumn('stored', 'Stored', ({ storedBytes }) => storedBytes, { reason: NOT_STORED }),
    countColumn('values', 'Values', ({ valueCount }) => valueCount, { reason: NOT_STORED }),
    countColumn('nulls', 'Nulls', ({ nullCount }) => nullCount, { reason: NOT_STORED }),
    countColumn('nans', 'NaN', ({ nanCount }) => nanCount, { tableOnly: true, reason: NOT_STORED }),
    { id: 'lower', header: 'Lower bound', cell: ({ lowerBound, type }) => boundText(lowerBound, type) },
    { id: 'upper', header: 'Upper bound', cell: ({ upperBound, type }) => boundText(upperBound, type) },
  ]
}

/** A bound of a column, of a page or of a chunk, or null. */
export function BoundText({ text }: { text: string | null }) {
  if (text === null) return <Unknown reason={NOT_STORED} />
  if (text === '') return <span className="quiet">empty</span>
  return <code title={text}>{text}</code>
}
