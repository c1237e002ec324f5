import { IconKey } from '@tabler/icons-react'
import Link from 'next/link'
import { NO_DATA_FILES } from '@/components/about/no-data-files'
import { useShownTable } from '@/components/table/frame/shown-table'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { Unknown } from '@/components/ui/values/unknown'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { VisibleText } from '@/components/ui/values/visible-text'
import { MAX_SUMMARIZED_COLUMNS } from '@/lib/contract/shapes/plain-values'
import type { ColumnSummary } from '@/lib/contract/table/files'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatPercent } from '@/lib/format/percent'
import { visibleText } from '@/lib/format/visible-text'
import { childFields } from '@/lib/iceberg/schema/child-fields'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { shownBound } from '@/lib/iceberg/schema/shown-bound'
import { paths } from '@/lib/paths/paths'
import classes from './columns-panel.module.css'
import { useFileSummary } from './use-file-summary'

type ColumnRow = {
  field: NestedField
  isIdentifier: boolean
  isPartitionSource: boolean
  isSortSource: boolean
  /** Null while it is read; a text says why it is not known. */
  summary: ColumnSummary | string | null
}

/** The first columns of the shown state: which of them identify, partition and sort its rows, their nulls and bounds. */
export function ColumnsPanel() {
  const { table, asOf, detail } = useShownTable()
  const { fields, identifierFieldIds } = detail.schema
  const { query, first, isRead, dataFileCount } = useFileSummary()
  const unread = isRead ? (query.error?.message ?? null) : 'the manifests were not read'
  const isEmpty = dataFileCount === 0
  const summaries = new Map(first?.columns.map((column) => [column.fieldId, column] as const))
  const rows = fields.slice(0, MAX_SUMMARIZED_COLUMNS).map((field): ColumnRow => {
    const ids = fieldIds(field)
    const hasOneOf = (marked: readonly number[] | null) => marked?.some((id) => ids.has(id)) ?? false
    return {
      field,
      isIdentifier: hasOneOf(identifierFieldIds),
      isPartitionSource: hasOneOf(detail.partitionSourceIds),
      isSortSource: hasOneOf(detail.sortSourceIds),
      summary: isEmpty
        ? NO_DATA_FILES
        : first === null
          ? unread
          : (summaries.get(field.id) ?? 'not a column of this snapshot'),
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
    cell: (row) => (
      <>
        <span className={classes.name} {...(row.field.doc !== undefined && { title: visibleText(row.field.doc) })}>
          <VisibleText>{row.field.name}</VisibleText>
          {row.isIdentifier && <IconKey size={13} stroke={1.6} aria-label="identifier field" />}
          {row.isPartitionSource && <span className={classes.mark}>partition</span>}
          {row.isSortSource && <span className={classes.mark}>sort</span>}
        </span>
        <CompactFacts {...row} />
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
    id: 'null',
    header: 'Null',
    headerTitle: 'Share of nulls, by the metrics of the data files, deleted rows included',
    align: 'end',
    tableOnly: true,
    cell: (row) => <NullShare {...row} />,
  },
  {
    id: 'bounds',
    header: 'Bounds',
    headerTitle: 'By the metrics of the data files, deleted rows included. Writers may cut long ones off.',
    tableOnly: true,
    fills: true,
    cell: (row) => <Bounds {...row} />,
  },
]

function NullShare({ field, summary }: ColumnRow) {
  if (field.required)
    return (
      <span className="quiet" title="A required column has no nulls.">
        required
      </span>
    )
  if (summary === null) return null
  const reason = typeof summary === 'string' ? summary : 'some files have no null count for this column'
  const share = typeof summary === 'string' ? null : summary.nullShare
  if (share === null) return <Unknown reason={reason} />
  if (share === 0) return <span className="quiet">0</span>
  return (
    <span className={classes.share}>
      <span className={classes.track} aria-hidden>
        <span style={{ width: `${100 * share}%` }} />
      </span>
      {formatPercent(share)}
    </span>
  )
}

function Bounds({ field, summary }: ColumnRow) {
  const timeZone = useTimeZone()
  if (summary === null) return null
  if (typeof summary === 'string') return <Unknown reason={summary} />
  const { lowerBound, upperBound, nullShare } = summary
  if (lowerBound === null || upperBound === null)
    return (
      <Unknown
        reason={
          typeof field.type !== 'string'
            ? 'nested columns have no bounds of their own'
            : nullShare === 1
              ? 'all values are null'
              : 'some files have no bounds for this column'
        }
      />
    )
  const lower = shownBound(lowerBound, field.type, timeZone)
  const upper = shownBound(upperBound, field.type, timeZone)
  return (
    <span title={visibleText(`${lower} to ${upper}`)}>
      <VisibleText>{lower}</VisibleText>
      <span className="quiet"> to </span>
      <VisibleText>{upper}</VisibleText>
    </span>
  )
}

/** The other columns in one or two lines, for narrow pages. */
function CompactFacts(row: ColumnRow) {
  const { type, doc } = row.field
  return (
    <div className={classes.compact}>
      <div className={classes.facts}>
        <code className="truncate">
          <VisibleText>{typeLabel(type)}</VisibleText>
        </code>
        <span className="rigid">
          <NullShare {...row} />
        </span>
        <span className="grow truncate">
          <Bounds {...row} />
        </span>
      </div>
      {doc !== undefined && (
        <div className="truncate" title={visibleText(doc)}>
          <VisibleText>{doc}</VisibleText>
        </div>
      )}
    </div>
  )
}
