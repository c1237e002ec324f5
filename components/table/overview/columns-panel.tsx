import { IconKey } from '@tabler/icons-react'
import Link from 'next/link'
import { useShownTable } from '@/components/table/frame/shown-table'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { VisibleText } from '@/components/ui/values/visible-text'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { visibleText } from '@/lib/format/visible-text'
import { childFields } from '@/lib/iceberg/schema/child-fields'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { paths } from '@/lib/paths/paths'
import classes from './columns-panel.module.css'

const MAX_SHOWN = 12

type ColumnRow = { field: NestedField; isIdentifier: boolean; isPartitionSource: boolean; isSortSource: boolean }

/** The first columns of the shown state, and which of them identify, partition and sort its rows. */
export function ColumnsPanel() {
  const { table, asOf, detail } = useShownTable()
  const { fields, identifierFieldIds } = detail.schema
  const rows = fields.slice(0, MAX_SHOWN).map((field): ColumnRow => {
    const ids = fieldIds(field)
    const hasOneOf = (marked: readonly number[] | null) => marked?.some((id) => ids.has(id)) ?? false
    return {
      field,
      isIdentifier: hasOneOf(identifierFieldIds),
      isPartitionSource: hasOneOf(detail.partitionSourceIds),
      isSortSource: hasOneOf(detail.sortSourceIds),
    }
  })
  const isAll = rows.length === fields.length
  return (
    <Panel
      title="Columns"
      subtitle={
        isAll ? formatCount(fields.length) : `first ${formatCount(rows.length)} of ${formatCount(fields.length)}`
      }
      actions={
        <Link href={paths.table(table, 'schema', asOf)}>
          {isAll ? 'Schema' : `All ${formatQuantity(fields.length, 'column')}`}
        </Link>
      }
      flush={rows.length > 0}
    >
      {rows.length === 0 ? (
        <EmptyState>This table has no columns.</EmptyState>
      ) : (
        <DataTable
          label="Columns"
          columns={COLUMNS}
          rows={rows}
          rowKey={({ field }) => String(field.id)}
          rowHeight={28}
          stacks
        />
      )}
    </Panel>
  )
}

/** The ids of a column and of the fields in it: a partition can be by a field of a struct. */
function fieldIds(field: NestedField): ReadonlySet<number> {
  const ids = new Set<number>()
  const add = ({ id, type }: NestedField): void => {
    ids.add(id)
    childFields(type).forEach(add)
  }
  add(field)
  return ids
}

const COLUMNS: readonly Column<ColumnRow>[] = [
  {
    id: 'column',
    header: 'Column',
    weight: 'name',
    cell: ({ field, isIdentifier, isPartitionSource, isSortSource }) => (
      <>
        <span className={classes.name}>
          <VisibleText>{field.name}</VisibleText>
          {isIdentifier && <IconKey size={13} stroke={1.6} aria-label="identifier field" />}
          {isPartitionSource && <span className={classes.mark}>partition</span>}
          {isSortSource && <span className={classes.mark}>sort</span>}
        </span>
        <CompactFacts field={field} />
      </>
    ),
  },
  {
    id: 'type',
    header: 'Type',
    tableOnly: true,
    cell: ({ field }) => {
      const label = typeLabel(field.type)
      return (
        <code className={classes.type} title={visibleText(label)}>
          <VisibleText>{label}</VisibleText>
        </code>
      )
    },
  },
  {
    id: 'required',
    header: 'Required',
    tableOnly: true,
    cell: ({ field }) => (field.required ? 'required' : <span className="quiet">optional</span>),
  },
  {
    id: 'doc',
    header: 'Doc',
    fills: true,
    tableOnly: true,
    cell: ({ field: { doc } }) => doc !== undefined && <span title={doc}>{doc}</span>,
  },
]

/** The other columns in one or two lines, for narrow pages. */
function CompactFacts({ field: { type, required, doc } }: { field: NestedField }) {
  return (
    <div className={classes.compact}>
      <div className={classes.facts}>
        <code className="truncate">
          <VisibleText>{typeLabel(type)}</VisibleText>
        </code>
        <span className="rigid">{required ? 'required' : 'optional'}</span>
      </div>
      {doc !== undefined && (
        <div className="truncate" title={doc}>
          {doc}
        </div>
      )}
    </div>
  )
}
