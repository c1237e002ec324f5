'use client'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { Mono } from '@/components/ui/values/mono'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { type ComparedColumn, compareColumns } from '@/lib/changes/view-edits/compare-schemas'
import classes from './schema-diff.module.css'

/** The columns of two versions side by side. */
export function SchemaDiff({
  before,
  after,
  label,
}: {
  before: readonly NestedField[]
  after: readonly NestedField[]
  label: string
}) {
  return (
    <DataTable
      label={label}
      columns={COLUMNS}
      rows={compareColumns(before, after)}
      rowKey={({ name }) => name}
      stacks
    />
  )
}

const COLUMNS: readonly Column<ComparedColumn>[] = [
  {
    id: 'change',
    header: 'Change',
    cell: ({ change }) => (
      <span className={classes.change} data-change={change}>
        {change}
      </span>
    ),
  },
  { id: 'name', header: 'Column', weight: 'name', cell: ({ name }) => <Mono title={name}>{name}</Mono> },
  {
    id: 'before',
    header: 'Before',
    cell: ({ before }) => (before === null ? '' : <Mono title={before}>{before}</Mono>),
  },
  { id: 'after', header: 'After', cell: ({ after }) => (after === null ? '' : <Mono title={after}>{after}</Mono>) },
]
