'use client'
import { IconKey } from '@tabler/icons-react'
import { useShownTable } from '@/components/tables/shown-table'
import { type Column, DataTable } from '@/components/ui/data-table'
import { PageFooter } from '@/components/ui/page-footer'
import { counted } from '@/lib/format/count'
import { type SchemaRow, schemaRows } from './schema-rows'
import classes from './schema-tree.module.css'

const INDENT = 18

/** The schema of what is shown: every field with its id, nested ones under their parent. */
export function SchemaTree() {
  const { detail } = useShownTable()
  const { schema } = detail
  const rows = schemaRows(schema)
  const columns: Column<SchemaRow>[] = [
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
    { id: 'type', header: 'Type', cell: ({ type }) => <code title={type}>{type}</code> },
    { id: 'id', header: 'Id', align: 'end', cell: ({ id }) => id },
    {
      id: 'required',
      header: 'Required',
      cell: ({ isRequired }) => (isRequired ? 'required' : <span className={classes.quiet}>optional</span>),
    },
    {
      id: 'doc',
      header: 'Doc',
      cell: ({ doc }) => (doc === null ? <span className={classes.quiet}>–</span> : <span title={doc}>{doc}</span>),
    },
  ]
  return (
    <>
      <DataTable
        label="Schema"
        columns={columns}
        rows={rows}
        rowKey={({ id }) => String(id)}
        rowHeight={32}
        gutter
        scrolls
      />
      <PageFooter>
        <span>schema {schema.schemaId}</span>
        <span>{counted(schema.fields.length, 'column')}</span>
        {detail.partitionedBy !== '' && (
          <span>
            partitioned by <code>{detail.partitionedBy}</code>
          </span>
        )}
        {detail.sortedBy !== '' && (
          <span>
            sorted by <code>{detail.sortedBy}</code>
          </span>
        )}
      </PageFooter>
    </>
  )
}
