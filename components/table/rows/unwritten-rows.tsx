'use client'
import { useMemo } from 'react'
import { WriteActions } from '@/components/table/frame/write-actions'
import { DataGrid } from '@/components/ui/grid/data-grid'
import { EmptyState } from '@/components/ui/notes/empty-state'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { toGridColumn } from './row-cell'

/** The columns of a table that has no snapshot yet, and how to write its first one. */
export function UnwrittenRows({ table, fields }: { table: TableIdentifier; fields: readonly NestedField[] }) {
  const columns = useMemo(() => fields.map((field) => toGridColumn(field)), [fields])
  return (
    <DataGrid
      label="Rows"
      rowCount={0}
      columns={columns}
      cell={() => undefined}
      empty={
        <EmptyState action={<WriteActions table={table} />}>
          No data yet. Load a file, or write with another engine.
        </EmptyState>
      }
    />
  )
}
