import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { bytesColumn, countColumn } from '@/components/ui/table/figure-columns'
import { Unknown } from '@/components/ui/values/unknown'
import { formatQuantity } from '@/lib/format/count'
import { formatRatio } from '@/lib/format/ratio'
import type { ColumnTotals } from '@/lib/scan/inspect/column-totals'
import classes from './column-table.module.css'

/** The columns of a Parquet file over all row groups. */
export function ColumnTable({
  totals,
  onOpen,
}: {
  totals: readonly ColumnTotals[]
  /** Opens the first chunk of a column; null without one. */
  onOpen: ((leaf: number) => void) | null
}) {
  return (
    <Panel title="Columns" subtitle={`${formatQuantity(totals.length, 'column')}, all row groups together`} flush>
      {totals.length === 0 ? (
        <EmptyState>The file has no columns.</EmptyState>
      ) : (
        <div className={classes.table}>
          <DataTable
            label="Columns of the file"
            columns={COLUMNS}
            rows={totals}
            rowKey={({ leaf }) => String(leaf)}
            rowHeight={28}
            {...(onOpen && { onOpen: ({ leaf }: ColumnTotals) => onOpen(leaf) })}
            scrolls
            stacks
          />
        </div>
      )}
    </Panel>
  )
}

const COLUMNS: Column<ColumnTotals>[] = [
  { id: 'column', header: 'Column', weight: 'name', cell: ({ name }) => name, sortBy: ({ name }) => name },
  {
    id: 'id',
    header: 'Id',
    align: 'end',
    cell: ({ fieldId }) => fieldId ?? <Unknown reason="the file has no id for this column" />,
    sortBy: ({ fieldId }) => fieldId,
  },
  { id: 'codec', header: 'Codec', cell: ({ codecs }) => <code>{codecs.join(', ')}</code> },
  { id: 'encodings', header: 'Encodings', cell: ({ encodings }) => <code>{encodings.join(', ')}</code> },
  bytesColumn('encoded', 'Encoded', ({ encodedBytes }) => encodedBytes, {
    headerTitle: 'In Parquet’s encoding, before the codec',
  }),
  bytesColumn('stored', 'Stored', ({ storedBytes }) => storedBytes, { weight: 'figure' }),
  {
    id: 'ratio',
    header: 'Codec ratio',
    headerTitle: 'Encoded to stored',
    align: 'end',
    cell: ({ storedBytes, encodedBytes }) =>
      storedBytes === 0 ? <Unknown reason="nothing is stored" /> : formatRatio(encodedBytes / storedBytes),
    sortBy: ({ storedBytes, encodedBytes }) => (storedBytes === 0 ? null : encodedBytes / storedBytes),
  },
  countColumn('nulls', 'Nulls', ({ nullCount }) => nullCount, { reason: 'a row group has no statistics of it' }),
]
