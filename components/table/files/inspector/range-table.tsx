import { EmptyState } from '@/components/ui/notes/empty-state'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { Count } from '@/components/ui/values/count'
import { formatCount, formatQuantity } from '@/lib/format/count'
import type { PositionRange } from '@/lib/scan/inspect/position-ranges'
import tableClasses from './column-table.module.css'

/** Deleted positions of one data file as ranges. */
export function RangeTable({ list }: { list: { ranges: readonly PositionRange[]; isTruncated: boolean } }) {
  return (
    <div className={tableClasses.table}>
      <DataTable
        label="Deleted positions"
        columns={COLUMNS}
        rows={list.ranges}
        rowKey={({ first }) => String(first)}
        rowHeight={28}
        scrolls
      />
      {list.isTruncated && <EmptyState>The first {formatQuantity(list.ranges.length, 'range')} are listed.</EmptyState>}
    </div>
  )
}

const COLUMNS: Column<PositionRange>[] = [
  { id: 'first', header: 'From row', align: 'end', cell: ({ first }) => formatCount(first) },
  { id: 'last', header: 'To row', align: 'end', cell: ({ last }) => formatCount(last) },
  {
    id: 'rows',
    header: 'Rows',
    align: 'end',
    weight: 'figure',
    cell: ({ first, last }) => <Count value={last - first + 1} />,
  },
]
