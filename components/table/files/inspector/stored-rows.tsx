'use client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Unloaded } from '@/components/shell/unloaded'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { toListing } from '@/components/ui/table/listing'
import { Unknown } from '@/components/ui/values/unknown'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { VisibleText } from '@/components/ui/values/visible-text'
import { fileRowsQuery, type ShownFile, type StoredRows as RowsFacts } from '@/lib/client/table/file-inspection'
import { formatCount, formatQuantity } from '@/lib/format/count'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { FileRows } from '@/lib/scan/inspect/file-rows'
import { isUnreadable } from '@/lib/scan/read/unreadable-cell'
import { lineText } from '@/lib/scan/value-text'
import tableClasses from './column-table.module.css'

type StoredRow = { position: number; values: FileRows['rows'][number] }

/** The rows of a file as they are stored, with the file's own columns. */
export function StoredRows({ shown, stored, title }: { shown: ShownFile; stored: RowsFacts; title: string }) {
  const timeZone = useTimeZone()
  const query = useInfiniteQuery(fileRowsQuery(shown, stored))
  const [first] = query.data?.pages ?? []
  if (first === undefined) return <Unloaded query={query} subject={shown.file} skeleton={[8, 4, 'Reading rows']} />
  const { fields, columnCount, rowCount } = first
  const { rows: values, isWhole } = toListing(query, (page) => page.rows)
  const listing = { rows: values.map((row, position) => ({ values: row, position })), isWhole }
  const columns: Column<StoredRow>[] = [
    { id: 'position', header: 'Row', align: 'end', cell: ({ position }) => formatCount(position) },
    ...fields.map((field, index) => toColumn(field, index, timeZone)),
  ]
  return (
    <Panel
      title={title}
      subtitle={`${formatQuantity(rowCount, 'row')}, ${formatQuantity(columnCount, 'column')}`}
      flush
    >
      {values.length === 0 ? (
        <EmptyState>The file has no rows.</EmptyState>
      ) : (
        <div className={tableClasses.table}>
          <DataTable
            label={title}
            columns={columns}
            rows={listing}
            rowKey={({ position }) => String(position)}
            rowHeight={28}
            scrolls
          />
        </div>
      )}
      {fields.length < columnCount && (
        <EmptyState>The first {formatQuantity(fields.length, 'column')} are listed.</EmptyState>
      )}
      {query.error && (
        <ProblemNote error={query.error} subject={shown.file} onRetry={() => void query.fetchNextPage()} />
      )}
      {query.hasNextPage && (
        <WaitingButton variant="subtle" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Showing {formatCount(values.length)} of {formatQuantity(rowCount, 'row')}. Load more
        </WaitingButton>
      )}
    </Panel>
  )
}

function toColumn({ name, type }: NestedField, index: number, timeZone: string): Column<StoredRow> {
  return {
    id: `${index} ${name}`,
    header: name,
    headerTitle: typeof type === 'string' ? type : type.type,
    cell: ({ values }) => {
      const value = values[index] ?? null
      if (isUnreadable(value)) return <Unknown reason={`${value.message}.`} />
      return value === null ? (
        <span className="quiet">null</span>
      ) : (
        <code>
          <VisibleText>{lineText(type, value, timeZone)}</VisibleText>
        </code>
      )
    },
  }
}
