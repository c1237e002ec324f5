'use client'
import { IconKey } from '@tabler/icons-react'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { type SchemaRow, type ShownSchema, schemaRows } from './schema-rows'
import classes from './schema-table.module.css'

const INDENT = 18

/** Every field of a schema with its id, nested ones under their parent. With `isPage` it fills the page and scrolls. */
export function SchemaTable({ schema, isPage = false }: { schema: ShownSchema; isPage?: boolean }) {
  return (
    <DataTable
      label="Schema"
      columns={COLUMNS}
      rows={schemaRows(schema)}
      rowKey={({ id }) => String(id)}
      rowHeight={32}
      gutter={isPage}
      scrolls={isPage}
      stacks
    />
  )
}

const COLUMNS: readonly Column<SchemaRow>[] = [
  {
    id: 'column',
    header: 'Column',
    weight: 'name',
    cell: ({ name, depth, isIdentifier }) => (
      <span className={classes.name} style={{ paddingLeft: depth * INDENT }}>
        {name}
        {isIdentifier && <IconKey size={13} stroke={1.6} aria-label="identifier field" />}
      </span>
    ),
  },
  {
    id: 'type',
    header: 'Type',
    cell: ({ type }) => <code title={type}>{type}</code>,
  },
  { id: 'id', header: 'Id', align: 'end', cell: ({ id }) => id },
  {
    id: 'required',
    header: 'Required',
    cell: ({ isRequired }) => (isRequired ? 'required' : <span className={classes.quiet}>optional</span>),
  },
  {
    id: 'doc',
    header: 'Doc',
    cell: ({ doc }) => doc !== null && <span title={doc}>{doc}</span>,
  },
]
