'use client'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useCallback, useEffect, useState } from 'react'
import { loadCode } from '@/components/ui/controls/load-code'
import { TableSidePanel, useShownTable } from '@/components/tables/shown-table'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { useColumnLayout } from '@/lib/client/column-layouts'
import { nullSharesQuery, scanQuery } from '@/lib/client/scan'
import { sessionQuery } from '@/lib/client/session/session'
import { rowWorker } from '@/lib/client/rows/row-worker'
import { namespaceLabel } from '@/lib/iceberg/identifiers'
import { retryFetch } from '@/lib/client/call/retry'
import classes from './table-rows.module.css'

/** In a page that is loaded, the server renders the grid, and its code follows the code of the page. */
const LazyRowGrid = lazy(async () => ({ default: (await loadCode(loadRowGrid)).RowGrid }))

/** The rows of the shown snapshot with the shown schema. For a branch that is the table's current schema. */
export function TableRows() {
  const { table, detail } = useShownTable()
  const { snapshotId } = detail.shown
  // By snapshot id, so that the rows match the page's header even after a new commit.
  const query = useQuery({ ...scanQuery(table, { snapshotId: snapshotId ?? '0' }), enabled: snapshotId !== null })
  const { refetch } = query
  const onExpired = useCallback(() => void refetch(), [refetch])
  useEffect(() => {
    rowWorker.warmUp()
    // While the scan is planned. A failure is reported when the grid is shown.
    void loadRowGrid().catch(() => undefined)
  }, [])
  // The null shares take many more reads than the first rows, so they are requested after these.
  const [readSnapshotId, setReadSnapshotId] = useState<string | null>(null)
  const onRead = useCallback(() => setReadSnapshotId(snapshotId), [snapshotId])
  const nullShares = useQuery({
    ...nullSharesQuery(table, snapshotId ?? '0', query.data?.token ?? ''),
    enabled: query.data !== undefined && readSnapshotId === snapshotId,
  })
  const { data: session } = useQuery(sessionQuery())
  const [layout, setLayout] = useColumnLayout(session?.userId ?? null, table)
  const name = `${namespaceLabel(table.namespace)}.${table.table}`

  if (snapshotId === null) return <EmptyState>No data yet.</EmptyState>
  if (query.isPending) return <SkeletonRows rows={16} columns={6} label="Planning the scan" />
  if (query.error) {
    return (
      <div className={classes.problem}>
        <ProblemNote error={query.error} subject={name} onRetry={() => retryFetch(refetch)} />
      </div>
    )
  }
  return (
    <Suspense fallback={<SkeletonRows rows={16} columns={6} label="Loading the grid" />}>
      <LazyRowGrid
        key={`${snapshotId} ${detail.schema.schemaId}`}
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
      />
    </Suspense>
  )
}

function loadRowGrid() {
  return import('./row-grid')
}
