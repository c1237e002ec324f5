'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { parseAsBoolean, useQueryState } from 'nuqs'
import { type ReactNode, useCallback, useEffect, useMemo, useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { loadCode } from '@/lib/load-code'
import { TableSidePanel, useShownTable } from '@/components/table/frame/shown-table'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { useColumnLayout } from '@/lib/client/table/column-layouts'
import { profiledValues } from '@/lib/client/query/profiled-values'
import { nullSharesQuery, scanQuery } from '@/lib/client/table/scan'
import { sessionQuery } from '@/lib/client/session/session'
import { rowWorker } from '@/lib/client/rows/row-worker'
import type { Value } from '@/lib/iceberg/schema/types'
import { entryLabel } from '@/lib/names/identifiers'
import { snapshotPaths } from '@/lib/paths/snapshot-paths'
import type { EditedCondition } from './filter/edited-condition'
import type { FieldDraft } from './filter/column-filter'
import type { FilterCondition } from './filter/row-filter'
import type { ColumnValue } from './filter/row-identity'
import { FilterBar } from './filter-bar'
import { RowsToolbarFrame } from './rows-toolbar'
import { useRowFilter } from './use-row-filter'

/** In a page that is loaded, the server renders the grid, and its code follows the code of the page. */
const LazyRowGrid = lazyComponent(async () => (await loadRowGrid()).RowGrid, {
  loading: () => <SkeletonRows rows={16} columns={6} label="Loading the grid" />,
  isServerRendered: true,
})

const LazyUnwrittenRows = lazyComponent(async () => (await import('./unwritten-rows')).UnwrittenRows, {
  isServerRendered: true,
})

const LazyTableColumnProfile = lazyComponent(
  async () => (await import('./columns/table-column-profile')).TableColumnProfile,
)

const NO_CONDITIONS: readonly FilterCondition[] = []

/** The rows of the shown snapshot with the shown schema. For a branch that is the table's current schema. */
export function TableRows() {
  const { table, detail, setRowsSql } = useShownTable()
  const router = useRouter()
  const { snapshotId } = detail.shown
  const client = useQueryClient()
  // By snapshot id, so that the rows match the page's header even after a new commit.
  const { state: filter, change: changeFilter } = useRowFilter(detail.schema.fields, {
    table,
    metadataLocation: detail.metadataLocation,
  })
  const [edited, setEdited] = useState<EditedCondition | null>(null)
  /** Why the rows could not be filtered by a value. */
  const [valueProblem, setValueProblem] = useState<{ error: unknown } | null>(null)
  const [showsColumnFilters, setShowsColumnFilters] = useQueryState('filters', parseAsBoolean.withDefault(false))
  const [appliedFieldId, setAppliedFieldId] = useState<number | null>(null)
  const [drafts] = useState(() => new Map<number, FieldDraft>())
  const conditions = filter.kind === 'ready' ? filter.filter.conditions : NO_CONDITIONS
  const columnFilters = useMemo(
    () =>
      showsColumnFilters
        ? {
            conditions,
            appliedFieldId,
            drafts,
            onApply: (text: string | null, fieldId: number) => {
              setAppliedFieldId(fieldId)
              changeFilter(text)
            },
          }
        : undefined,
    [showsColumnFilters, conditions, appliedFieldId, drafts, changeFilter],
  )
  const where = filter.kind === 'ready' ? (filter.filter.where ?? undefined) : undefined
  const query = useQuery({
    ...scanQuery(table, { snapshotId: snapshotId ?? '0' }, where),
    enabled: snapshotId !== null && (filter.kind === 'none' || filter.kind === 'ready'),
  })
  const { refetch } = query
  const onExpired = useCallback(() => void refetch(), [refetch])
  const hasSnapshot = snapshotId !== null
  useEffect(() => {
    if (!hasSnapshot) return
    rowWorker.warmUp()
    // While the scan is planned. A failure is reported when the grid is shown.
    void loadRowGrid().catch(() => undefined)
  }, [hasSnapshot])
  // The null shares take many more reads than the first rows, so they are requested after these.
  const [readSnapshotId, setReadSnapshotId] = useState<string | null>(null)
  const onRead = useCallback(() => setReadSnapshotId(snapshotId), [snapshotId])
  const nullShares = useQuery({
    ...nullSharesQuery(table, snapshotId ?? '0', query.data?.token ?? ''),
    enabled: query.data !== undefined && readSnapshotId === snapshotId,
  })
  const { data: session } = useQuery(sessionQuery())
  const [layout, setLayout] = useColumnLayout(session?.userId ?? null, table)
  const name = entryLabel(table)

  if (snapshotId === null) return <LazyUnwrittenRows table={table} fields={detail.schema.fields} />
  const clearFilter = () => changeFilter(null)
  const filterByValue = async (fieldId: number, value: Value | null, isExcluded: boolean) => {
    try {
      const { addValueCondition } = await loadCode(() => import('./filter/filter-by-value'))
      const text = addValueCondition(conditions, detail.schema.fields, { fieldId, value, isExcluded })
      if (text === null) setEdited({ kind: 'new', fieldId })
      else changeFilter(text)
    } catch (error) {
      setValueProblem({ error })
    }
  }
  const openRowHistory = async (values: ColumnValue[]) => {
    try {
      const { rowCondition } = await loadCode(() => import('./filter/row-condition'))
      const { ref } = detail.shown
      const condition = rowCondition(values, detail.schema.fields)
      router.push(
        snapshotPaths.rowHistory(table, condition ?? undefined, ref?.type === 'branch' ? ref.name : undefined),
      )
    } catch (error) {
      setValueProblem({ error })
    }
  }
  const clear = { label: 'Clear filters', onBack: clearFilter }
  const frame = (content: ReactNode) => (
    <RowsToolbarFrame
      filter={
        <FilterBar
          fields={detail.schema.fields}
          state={filter}
          onChange={changeFilter}
          edited={edited}
          onEdit={setEdited}
          valuesOf={(fieldId) => profiledValues(client, { table, snapshotId, fieldId })}
          filterRow={{
            isShown: showsColumnFilters,
            onChange: (isShown) => void setShowsColumnFilters(isShown || null),
          }}
        />
      }
      hasConditions={conditions.length > 0 || filter.kind === 'reading'}
    >
      {valueProblem && (
        <div className="page-note">
          <ProblemNote
            error={valueProblem.error}
            subject={name}
            unchanged="The filter is as it was."
            back={{ label: 'Close', onBack: () => setValueProblem(null) }}
          />
        </div>
      )}
      {content}
    </RowsToolbarFrame>
  )
  if (filter.kind === 'problem') {
    return frame(
      <div className="page-note">
        <ProblemNote error={filter.error} title={filter.title} subject={name} back={clear} />
      </div>,
    )
  }
  if (!query.isSuccess)
    return frame(
      <Unloaded
        query={query}
        subject={name}
        className="page-note"
        skeleton={[16, 6, 'Planning the scan']}
        back={where === undefined ? undefined : clear}
      />,
    )
  return frame(
    <LazyRowGrid
      key={`${snapshotId} ${detail.schema.schemaId} ${where}`}
      name={name}
      table={table}
      shown={detail.shown}
      plan={query.data}
      fields={detail.schema.fields}
      nullShares={nullShares.data ? nullShares.data.nullShares : (nullShares.error ?? 'loading')}
      onRead={onRead}
      layout={layout}
      onLayoutChange={setLayout}
      onExpired={onExpired}
      sidePanel={TableSidePanel}
      columnProfile={LazyTableColumnProfile}
      onSql={setRowsSql}
      columnFilters={columnFilters}
      onFilterColumn={(fieldId) => setEdited({ kind: 'new', fieldId })}
      onFilterValue={(...choice) => void filterByValue(...choice)}
      onRowHistory={(values) => void openRowHistory(values)}
      filter={where === undefined ? undefined : { where, onClear: clearFilter }}
    />,
  )
}

function loadRowGrid() {
  return import('./row-grid')
}
