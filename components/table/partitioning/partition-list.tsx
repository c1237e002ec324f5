'use client'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import type { SimulatedLayout } from '@/lib/contract/table/layout'
import { formatQuantity } from '@/lib/format/count'
import { EstimateText } from './estimate-text'
import classes from './simulator.module.css'

/** The key tells partitions of the same label apart: of null and of the text “null”. */
type Listed = SimulatedLayout['listed'][number] & { key: string }

/** The partitions of a layout, with the limits of each. */
export function PartitionList({ layout }: { layout: SimulatedLayout }) {
  const most = Math.max(1, ...layout.listed.map(({ rows }) => rows.high))
  const columns: Column<Listed>[] = [
    {
      id: 'partition',
      header: 'Partition',
      weight: 'name',
      cell: ({ label }) => (label === '' ? 'all rows' : <code>{label}</code>),
    },
    { id: 'rows', header: 'Rows', align: 'end', cell: ({ rows }) => <EstimateText value={rows} /> },
    {
      id: 'share',
      header: 'Of the largest',
      fills: true,
      tableOnly: true,
      cell: ({ rows: { low, estimate, high } }) => (
        <span className={classes.share} aria-hidden>
          <span className={classes.range} style={{ width: `${(high / most) * 100}%` }} />
          <span style={{ width: `${((estimate ?? low) / most) * 100}%` }} />
        </span>
      ),
    },
  ]
  return (
    <Panel
      title="Rows per partition"
      subtitle={`${layout.label === '' ? 'unpartitioned' : layout.label}${
        layout.isListComplete ? '' : `, the ${formatQuantity(layout.listed.length, 'largest', 'largest')}`
      }`}
      flush
    >
      <div style={{ display: 'flex', flexDirection: 'column', height: 320 }}>
        <DataTable
          label="Partitions"
          columns={columns}
          rows={layout.listed.map((partition, i) => ({ ...partition, key: String(i) }))}
          rowKey={({ key }) => key}
          rowHeight={34}
          scrolls
        />
      </div>
    </Panel>
  )
}
