import { type Column, DataTable } from '@/components/ui/table/data-table'
import { Count } from '@/components/ui/values/count'
import { Unknown } from '@/components/ui/values/unknown'
import type { LayoutSimulation } from '@/lib/contract/table/layout'
import { formatQuantity } from '@/lib/format/count'
import { formatPercent } from '@/lib/format/percent'
import tab from './layout-tab.module.css'

type Filtered = LayoutSimulation['scans']['columns'][number]

/**
 * The columns that engines filter on, as far as they report it.
 *
 * @param props.scans undefined until they are read
 */
export function FilterPanel({ scans }: { scans: LayoutSimulation['scans'] | undefined }) {
  const reportCount = scans?.reportCount ?? 0
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
  return (
    <section className={tab.section} aria-label="What queries filter on">
      <h3 className={tab.heading}>
        What queries filter on
        {reportCount > 0 && <span className="quiet small"> {formatQuantity(reportCount, 'scan')}, 30 days</span>}
      </h3>
      {scans !== undefined && scans.columns.length > 0 && (
        <DataTable label="Filtered columns" columns={columns} rows={scans.columns} rowKey={({ column }) => column} />
      )}
      <p className={tab.twoLineNote}>{scans && noteFor(scans)}</p>
    </section>
  )
}

function noteFor({ reportCount, columns }: LayoutSimulation['scans']): string {
  if (reportCount === 0) return 'Unknown: no engine has reported a scan of this table to its catalog here in 30 days.'
  return columns.length === 0
    ? 'No reported scan had a filter.'
    : 'Reports have no filter values: which files another layout would skip is unknown.'
}
