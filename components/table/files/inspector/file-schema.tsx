import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { Unknown } from '@/components/ui/values/unknown'
import { formatQuantity } from '@/lib/format/count'
import { indexFields } from '@/lib/iceberg/schema/schema'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { annotationText } from '@/lib/scan/inspect/annotation-text'
import tableClasses from './column-table.module.css'

const INDENT = 18

type SchemaRow = { key: number; node: SchemaNode; depth: number; tableName: string | null }

/** The schema in the file, with the ids by which the table's columns are found. */
export function FileSchema({ schema, fields }: { schema: SchemaNode; fields: readonly NestedField[] }) {
  const rows = schemaRows(schema, fields)
  return (
    <Panel title="Schema in the file" subtitle={formatQuantity(rows.length, 'field')} flush>
      <div className={tableClasses.table}>
        <DataTable
          label="Schema in the file"
          columns={COLUMNS}
          rows={rows}
          rowKey={({ key }) => String(key)}
          rowHeight={28}
          scrolls
          stacks
        />
      </div>
    </Panel>
  )
}

export function schemaRows(schema: SchemaNode, fields: readonly NestedField[]): SchemaRow[] {
  const named = indexFields({ fields })
  const rows: SchemaRow[] = []
  const visit = (node: SchemaNode, depth: number) => {
    const inTable = node.fieldId === null ? undefined : named.get(node.fieldId)
    rows.push({ key: rows.length, node, depth, tableName: inTable?.path.join('.') ?? null })
    for (const child of node.children) visit(child, depth + 1)
  }
  for (const child of schema.children) visit(child, 0)
  return rows
}

const COLUMNS: Column<SchemaRow>[] = [
  {
    id: 'name',
    header: 'Field in the file',
    weight: 'name',
    cell: ({ node, depth }) => <span style={{ paddingLeft: depth * INDENT }}>{node.name}</span>,
  },
  {
    id: 'id',
    header: 'Id',
    align: 'end',
    cell: ({ node }) => node.fieldId ?? <Unknown reason="the file has no id for this field" />,
  },
  {
    id: 'table',
    header: 'In the table',
    cell: ({ node, tableName }) => <NameInTable node={node} tableName={tableName} />,
  },
  { id: 'repetition', header: 'Repetition', cell: ({ node }) => node.repetition },
  {
    id: 'stored',
    header: 'Stored as',
    cell: ({ node }) =>
      node.leaf === null ? (
        <span className="quiet">group</span>
      ) : (
        <code>
          {node.leaf.physicalType}
          {node.leaf.physicalType === 'FIXED_LEN_BYTE_ARRAY' && `(${node.leaf.lengthBytes})`}
        </code>
      ),
  },
  {
    id: 'meaning',
    header: 'Meaning',
    cell: ({ node }) => node.annotation !== null && <code>{annotationText(node.annotation)}</code>,
  },
]

function NameInTable({ node, tableName }: Pick<SchemaRow, 'node' | 'tableName'>) {
  if (node.fieldId === null) return <span className="quiet">by name, if at all</span>
  if (tableName === null) return <span className="quiet">not in the shown schema</span>
  // A field inside another is called by the parts of its path.
  const isRenamed = tableName.split('.').at(-1) !== node.name
  return isRenamed ? <span className="warn">~ {tableName}</span> : <span>{tableName}</span>
}
