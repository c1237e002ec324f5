'use client'
import { IconKey } from '@tabler/icons-react'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { VisibleText } from '@/components/ui/values/visible-text'
import { visibleText } from '@/lib/format/visible-text'
import { type SchemaRow, type ShownSchema, schemaRows } from './schema-rows'
import classes from './schema-table.module.css'

const INDENT = 18

/** Every field of a schema with its id, nested ones under their parent. */
export function SchemaTable({ schema }: { schema: ShownSchema }) {
  return (
    <DataTable
      label="Schema"
      columns={COLUMNS}
      rows={schemaRows(schema)}
      rowKey={({ id }) => String(id)}
      rowHeight={32}
      stacks
    />
  )
}

const COLUMNS: readonly Column<SchemaRow>[] = [
  {
    id: 'column',
    header: 'Column',
    weight: 'name',
    cell: (row) => (
      <div style={{ paddingLeft: row.depth * INDENT }}>
        <span className={classes.name} title={visibleText(row.name)}>
          <VisibleText>{row.name}</VisibleText>
          {row.isIdentifier && <IconKey size={13} stroke={1.6} aria-label="identifier field" />}
        </span>
        <CompactFacts row={row} />
      </div>
    ),
  },
  {
    id: 'type',
    header: 'Type',
    tableOnly: true,
    cell: ({ type }) => (
      <code title={visibleText(type)}>
        <VisibleText>{type}</VisibleText>
      </code>
    ),
  },
  { id: 'id', header: 'Id', align: 'end', tableOnly: true, cell: ({ id }) => id },
  {
    id: 'required',
    header: 'Required',
    tableOnly: true,
    cell: ({ isRequired }) => (isRequired ? 'required' : <span className="quiet">optional</span>),
  },
  {
    id: 'doc',
    header: 'Doc',
    tableOnly: true,
    cell: ({ doc }) => doc !== null && <span title={doc}>{doc}</span>,
  },
]

/** The other columns in one or two lines, for narrow pages. */
function CompactFacts({ row: { type, id, isRequired, doc } }: { row: SchemaRow }) {
  return (
    <div className={classes.compact}>
      <div>
        <code>{type}</code>
        <span>{isRequired ? 'required' : 'optional'}</span>
        <span>id {id}</span>
      </div>
      {doc !== null && <p>{doc}</p>}
    </div>
  )
}
