'use client'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { Mono } from '@/components/ui/values/mono'
import { Panel } from '@/components/ui/panel'
import { formatQuantity } from '@/lib/format/count'

/** The properties of the view, by name. */
export function ViewProperties({ properties }: { properties: Readonly<Record<string, string>> }) {
  const rows = Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1))
  return (
    <Panel
      title="Properties"
      subtitle={rows.length === 0 ? undefined : formatQuantity(rows.length, 'property', 'properties')}
      flush
    >
      {rows.length === 0 ? (
        <p className="padded bare secondary">No properties set.</p>
      ) : (
        <DataTable label="Properties" columns={COLUMNS} rows={rows} rowKey={([name]) => name} />
      )}
    </Panel>
  )
}

const COLUMNS: readonly Column<[string, string]>[] = [
  { id: 'name', header: 'Property', weight: 'name', cell: ([name]) => <Mono title={name}>{name}</Mono> },
  { id: 'value', header: 'Value', cell: ([, value]) => <Mono title={value}>{value}</Mono> },
]
