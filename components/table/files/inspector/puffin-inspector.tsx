'use client'
import { useQuery } from '@tanstack/react-query'
import { parseAsInteger, useQueryState } from 'nuqs'
import { Unloaded } from '@/components/shell/unloaded'
import { AddressProblems, checkPosition } from '@/components/ui/notes/address-problems'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { bytesColumn } from '@/components/ui/table/figure-columns'
import { positionsQuery, puffinFooterQuery, type ShownFile } from '@/lib/client/table/file-inspection'
import { formatCount, formatQuantity } from '@/lib/format/count'
import type { PuffinBlob } from '@/lib/scan/inspect/puffin'
import tableClasses from './column-table.module.css'
import { RangeTable } from './range-table'

const DELETION_VECTOR = 'deletion-vector-v1'

type IndexedBlob = PuffinBlob & { index: number }

/** The blobs of a Puffin file, and the positions of the deletion vector that is chosen. */
export function PuffinInspector({ shown }: { shown: ShownFile }) {
  const query = useQuery(puffinFooterQuery(shown))
  const [chosenIndex, setChosenIndex] = useQueryState('chunk', parseAsInteger)
  if (!query.isSuccess) return <Unloaded query={query} subject={shown.file} skeleton={[6, 4, 'Reading the footer']} />
  const blobs = query.data.blobs.map((blob, index): IndexedBlob => ({ ...blob, index }))
  const firstVector = blobs.find(isVector)
  const chosen = chosenIndex === null ? firstVector : blobs[chosenIndex]
  return (
    <>
      <AddressProblems checks={checkPosition('chunk', 'a blob of this file', blobs.length)} />
      <Panel title="Blobs" subtitle={formatQuantity(blobs.length, 'blob')} flush>
        {blobs.length === 0 ? (
          <EmptyState>The file has no blobs.</EmptyState>
        ) : (
          <div className={tableClasses.table}>
            <DataTable
              label="Blobs"
              columns={BLOB_COLUMNS}
              rows={blobs}
              rowKey={({ index }) => String(index)}
              rowHeight={28}
              onOpen={({ index }) => void setChosenIndex(index)}
              {...(chosen && { selectedKey: String(chosen.index) })}
              scrolls
              stacks
            />
          </div>
        )}
      </Panel>
      {chosen && isVector(chosen) && <Positions shown={shown} blob={chosen} />}
    </>
  )
}

function isVector({ type }: PuffinBlob): boolean {
  return type === DELETION_VECTOR
}

function Positions({ shown, blob }: { shown: ShownFile; blob: IndexedBlob }) {
  const query = useQuery(positionsQuery(shown, blob))
  const subtitle = query.data ? formatQuantity(query.data.count, 'position') : undefined
  return (
    <Panel title="Deleted positions" subtitle={subtitle} flush>
      {!query.isSuccess ? (
        <Unloaded query={query} subject={shown.file} skeleton={[4, 3, 'Reading the deletion vector']} />
      ) : query.data.count === 0 ? (
        <EmptyState>The deletion vector deletes nothing.</EmptyState>
      ) : (
        <RangeTable list={query.data} />
      )}
    </Panel>
  )
}

const BLOB_COLUMNS: Column<IndexedBlob>[] = [
  { id: 'type', header: 'Type', weight: 'name', cell: ({ type }) => <code>{type}</code>, sortBy: ({ type }) => type },
  { id: 'fields', header: 'Fields', cell: ({ fields }) => fields.join(', ') },
  { id: 'snapshot', header: 'Snapshot', cell: ({ snapshotId }) => <code>{snapshotId}</code> },
  {
    id: 'properties',
    header: 'Properties',
    cell: ({ properties }) => {
      const text = Object.entries(properties)
        .map(([key, value]) => `${key}=${value}`)
        .join(', ')
      return <code title={text}>{text}</code>
    },
  },
  { id: 'codec', header: 'Codec', cell: ({ codec }) => <code>{codec ?? 'uncompressed'}</code> },
  {
    id: 'offset',
    header: 'Offset',
    align: 'end',
    tableOnly: true,
    cell: ({ offset }) => formatCount(offset),
    sortBy: ({ offset }) => offset,
  },
  bytesColumn('length', 'Length', ({ lengthBytes }) => lengthBytes, { weight: 'figure' }),
]
