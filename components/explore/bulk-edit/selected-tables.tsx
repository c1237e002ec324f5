'use client'
import { Checkbox } from '@mantine/core'
import Link from 'next/link'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { VisibleText } from '@/components/ui/values/visible-text'
import { namespaceLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { type NamedTable, tableKey } from './table-choice'

type SelectedTablesProps = {
  catalog: string
  tables: readonly NamedTable[]
  isChosen: (table: NamedTable) => boolean
  isDisabled: boolean
  onToggle: (table: NamedTable) => void
}

/** The listed tables of a selection, in the order of their names. */
export function SelectedTables({ catalog, tables, isChosen, isDisabled, onToggle }: SelectedTablesProps) {
  const columns: Column<NamedTable>[] = [
    {
      id: 'chosen',
      header: 'Chosen',
      width: 74,
      cell: (one) => (
        <Checkbox
          aria-label={`Choose ${one.table}`}
          checked={isChosen(one)}
          disabled={isDisabled}
          size="xs"
          onChange={() => onToggle(one)}
          onClick={(event) => event.stopPropagation()}
        />
      ),
    },
    {
      id: 'table',
      header: 'Table',
      weight: 'name',
      cell: ({ namespace, table }) => (
        <Link href={paths.table({ catalog, namespace, table }, 'settings')} prefetch={false}>
          <VisibleText>{table}</VisibleText>
        </Link>
      ),
    },
    {
      id: 'namespace',
      header: 'Namespace',
      fills: true,
      cell: ({ namespace }) => <VisibleText>{namespaceLabel(namespace)}</VisibleText>,
    },
  ]
  return (
    <DataTable
      label="Tables"
      columns={columns}
      rows={tables}
      rowKey={tableKey}
      onOpen={(table) => !isDisabled && onToggle(table)}
      gutter
      scrolls
      stacks
    />
  )
}
