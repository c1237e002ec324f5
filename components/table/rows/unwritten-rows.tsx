'use client'
import { Button } from '@mantine/core'
import Link from 'next/link'
import { useMemo } from 'react'
import { DataGrid } from '@/components/ui/grid/data-grid'
import { EmptyState } from '@/components/ui/notes/empty-state'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
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
        <EmptyState
          action={
            <>
              <Button component={Link} href={paths.load(table)}>
                Load files
              </Button>
              <Button component={Link} href={paths.connect(table)} variant="default">
                Connect an engine
              </Button>
            </>
          }
        >
          No data yet. Load files, or write with another engine.
        </EmptyState>
      }
    />
  )
}
