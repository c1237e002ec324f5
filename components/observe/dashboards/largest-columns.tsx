import Link from 'next/link'
import { TableLink, tableLabel } from '@/components/about/table-link'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { Bytes } from '@/components/ui/values/bytes'
import { Unknown } from '@/components/ui/values/unknown'
import type { ColumnCompression, Compression, TableCompression } from '@/lib/contract/dashboards'
import { formatPercent } from '@/lib/format/percent'
import { paths } from '@/lib/paths/paths'
import { coverageGap, tableGaps } from './file-coverage'

/** More are in the panel of all columns. */
const MAX_ROWS = 8

/** The parts of the dashboard's data that the panel uses. */
type Sizes = Pick<Compression, 'columns' | 'files'> & {
  tables: readonly Pick<TableCompression, 'table' | 'storedBytes' | 'fileCount' | 'unknownCount'>[]
}

/** The columns that take the most bytes, each with the way to the studio of its table, where other codecs can be tried. */
export function LargestColumns({ data }: { data: Sizes }) {
  const storedBytes = data.tables.reduce((sum, table) => sum + table.storedBytes, 0)
  return (
    <Panel title="Largest columns" subtitle="by stored bytes; the studio tries other codecs on their pages" flush>
      {data.columns.length === 0 ? (
        <EmptyState>No column sizes are known yet.</EmptyState>
      ) : (
        <DataTable
          label="Largest columns"
          columns={buildColumns(storedBytes, data)}
          rows={data.columns.slice(0, MAX_ROWS)}
          rowKey={({ table, column }) => `${table.catalog} ${tableLabel(table)} ${column}`}
        />
      )}
    </Panel>
  )
}

function buildColumns(
  storedBytes: number,
  { tables, files }: Pick<Sizes, 'tables' | 'files'>,
): readonly Column<ColumnCompression>[] {
  const gapOf = tableGaps(tables)
  const gap = coverageGap(files)
  return [
    {
      id: 'column',
      header: 'Column',
      fills: true,
      cell: ({ table, column }) => (
        // A phone cuts long names.
        <span title={`${tableLabel(table)}.${column}`}>
          <span className="quiet">
            <TableLink table={table} tab="schema" />.
          </span>
          {column}
        </span>
      ),
    },
    { id: 'type', header: 'Type', wideOnly: true, cell: ({ type }) => <code className="secondary">{type}</code> },
    {
      id: 'codec',
      header: 'Codec',
      wideOnly: true,
      cell: ({ codec }) => (codec === null ? <Unknown reason="no footer was read" /> : <code>{codec}</code>),
    },
    {
      id: 'stored',
      header: 'Stored',
      align: 'end',
      weight: 'figure',
      sortBy: (row) => row.storedBytes,
      cell: (row) => <Bytes value={row.storedBytes} atLeast={gapOf(row.table)} />,
    },
    {
      id: 'share',
      header: 'Of all',
      headerTitle: 'Share of the stored bytes of these tables',
      align: 'end',
      cell: (row) => (
        <span title={gap}>
          {gap === undefined ? '' : '≈ '}
          {formatPercent(row.storedBytes / Math.max(1, storedBytes))}
        </span>
      ),
    },
    {
      id: 'studio',
      header: 'Try codecs',
      align: 'end',
      cell: ({ table, column }) => (
        <Link
          href={paths.compressionStudio(table)}
          prefetch={false}
          aria-label={`Compression studio of ${tableLabel(table)}, for ${column}`}
        >
          Studio
        </Link>
      ),
    },
  ]
}
