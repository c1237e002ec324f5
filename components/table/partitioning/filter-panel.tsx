import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { Count } from '@/components/ui/values/count'
import { Unknown } from '@/components/ui/values/unknown'
import type { LayoutSimulation } from '@/lib/contract/table/layout'
import { formatQuantity } from '@/lib/format/count'
import { formatPercent } from '@/lib/format/percent'
import classes from './layout-fields.module.css'

type Filtered = LayoutSimulation['scans']['columns'][number]

/** The columns that engines filter on, as far as they report it. */
export function FilterPanel({ scans }: { scans: LayoutSimulation['scans'] }) {
  const { reportCount } = scans
  const columns: Column<Filtered>[] = [
    { id: 'column', header: 'Column', weight: 'name', cell: ({ column }) => <code>{column}</code> },
    { id: 'share', header: 'Share', align: 'end', cell: ({ scanCount }) => formatPercent(scanCount / reportCount) },
    { id: 'scans', header: 'Scans', align: 'end', cell: ({ scanCount }) => <Count value={scanCount} /> },
    {
      id: 'files',
      header: 'Files read',
      headerTitle: 'Data files that a scan read on average',
      align: 'end',
      cell: ({ averageFilesRead }) =>
        averageFilesRead === null ? <Unknown reason="no scan reported it" /> : averageFilesRead.toFixed(1),
    },
  ]
  if (reportCount === 0) {
    return (
      <Panel title="What queries filter on">
        <p className={classes.note} style={{ margin: 0 }}>
          Unknown: no engine has reported a scan of this table here in 30 days. Engines report scans to the catalog that
          they load the table from.
        </p>
      </Panel>
    )
  }
  return (
    <Panel title="What queries filter on" subtitle={`${formatQuantity(reportCount, 'scan')}, 30 days`} flush>
      {scans.columns.length > 0 && (
        <DataTable label="Filtered columns" columns={columns} rows={scans.columns} rowKey={({ column }) => column} />
      )}
      <p className={classes.note} style={{ margin: 0, padding: '8px 12px 10px' }}>
        {scans.columns.length === 0 && 'None of them had a filter. '}
        Reports leave out the values of filters, so what another layout would let these scans skip is unknown.
      </p>
    </Panel>
  )
}
