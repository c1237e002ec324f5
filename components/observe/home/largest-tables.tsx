'use client'
import Link from 'next/link'
import { unknownRatioReason } from '@/components/about/no-data-files'
import { TableLink, tableLabel } from '@/components/about/table-link'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { bytesColumn, countColumn } from '@/components/ui/table/figure-columns'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { Unknown } from '@/components/ui/values/unknown'
import type { Home } from '@/lib/contract/home'
import { formatQuantity, formatCount } from '@/lib/format/count'
import { formatPercent } from '@/lib/format/percent'
import { formatRatio } from '@/lib/format/ratio'
import { paths } from '@/lib/paths/paths'
import { catalogColumns } from './catalog-columns'
import classes from './home.module.css'

type Row = Home['tables'][number]

/** Tables by live bytes, the largest first. */
export function LargestTables({
  tables,
  tableCount,
  liveBytes,
}: {
  tables: readonly Row[]
  tableCount: number
  liveBytes: number
}) {
  const columns: Column<Row>[] = [
    {
      id: 'table',
      header: 'Table',
      fills: true,
      sortBy: ({ table }) => tableLabel(table),
      cell: ({ table }) => <TableLink table={table} />,
    },
    ...catalogColumns(tables, ({ table }) => table.catalog),
    countColumn('rows', 'Rows', ({ rowCount }) => rowCount, {
      headerTitle: 'Rows in data files, without subtracting deletes',
    }),
    bytesColumn('bytes', 'Live bytes', (row) => row.liveBytes, { weight: 'figure' }),
    {
      id: 'ratio',
      header: 'Ratio',
      headerTitle: 'plain to stored',
      align: 'end',
      sortBy: ratioOf,
      cell: (row) => {
        const ratio = ratioOf(row)
        if (ratio === null) return <Unknown reason={unknownRatioReason(row.dataFileCount)} />
        return `${row.isEstimated ? '≈ ' : ''}${formatRatio(ratio)}`
      },
    },
    {
      id: 'share',
      header: 'Share',
      cell: (row) => <ShareBar value={liveBytes === 0 ? 0 : row.liveBytes / liveBytes} />,
    },
  ]
  return (
    <Panel
      title="Largest tables"
      subtitle="by live bytes"
      actions={
        <Link href={paths.compressionDashboard()}>
          {tables.length < tableCount
            ? `${formatCount(tables.length)} of ${formatQuantity(tableCount, 'table')}`
            : 'Compression'}
        </Link>
      }
      flush
    >
      {tables.length === 0 && <EmptyState>No table has been read yet.</EmptyState>}
      {tables.length > 0 && (
        <div className={classes.list}>
          <DataTable
            label="Largest tables"
            columns={columns}
            rows={tables}
            rowKey={({ table }) => `${table.catalog} ${tableLabel(table)}`}
            stacks
          />
        </div>
      )}
    </Panel>
  )
}

function ratioOf({ plainBytes, storedBytes }: Row): number | null {
  return plainBytes === null || storedBytes === 0 ? null : plainBytes / storedBytes
}

function ShareBar({ value: share }: { value: number }) {
  const label = formatPercent(share)
  return (
    <span className={classes.share} role="img" aria-label={label} title={label}>
      <span style={{ width: `${share * 100}%` }} />
    </span>
  )
}
