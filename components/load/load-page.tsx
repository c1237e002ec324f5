'use client'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useSearchParams } from 'next/navigation'
import { Unloaded } from '@/components/shell/unloaded'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { pastLoadQuery, rejectedTextQuery } from '@/lib/client/jobs/past-load'
import { useHasPermission } from '@/lib/client/session/permissions'
import { tableQuery } from '@/lib/client/table/tables'
import { AppError } from '@/lib/errors'
import { entryLabelInCatalog, namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { resourceFromQuery } from '@/lib/names/resource-name'
import classes from './load.module.css'
import type { Continued } from './past-choices'
import { LoadTarget } from './target/load-target'
// With the page, so that what the server has rendered does not move when the code of a form arrives.
import './files/file-drop.module.css'
import './steps/step.module.css'
import './target/choose-table.module.css'

const LazyChooseTable = lazyComponent(async () => (await import('./target/choose-table')).ChooseTable, {
  loading: () => <div className={classes.page} />,
  isServerRendered: true,
})
const LazyLoadForm = lazyComponent(async () => (await import('./load-form')).LoadForm, {
  loading: ({ table }) => (
    <div className={classes.page}>
      <LoadTarget table={table} />
      <SkeletonRows rows={8} columns={4} label="Opening the form" />
    </div>
  ),
  isServerRendered: true,
})

/** Loads files into a table. The address names the table, and an earlier load if its request is continued. */
export function LoadPage() {
  const params = useSearchParams()
  const { catalog, namespace, table } = resourceFromQuery(params)
  const runId = params.get('run') || null
  if (!catalog || !namespace) return <LazyChooseTable parent={null} />
  if (!table) return <LazyChooseTable key={namespaceLabel(namespace)} parent={{ catalog, namespace }} />
  const target = { catalog, namespace, table }
  return <LoadInto key={`${entryLabelInCatalog(target)} ${runId}`} table={target} runId={runId} />
}

function LoadInto({ table, runId }: { table: TableIdentifier; runId: string | null }) {
  const canWrite = useHasPermission('table:write', table)
  const query = useQuery(tableQuery(table, {}))
  const { continued, waitsFor } = useContinued(runId)
  if (canWrite === false || query.data === undefined || waitsFor !== null)
    return (
      <div className={classes.page}>
        <LoadTarget table={table} />
        {canWrite === false ? (
          <EmptyState>
            Loading rows, and proposing a load, needs the editor role on this table, because files are uploaded to the
            warehouse. An admin of the table, of its namespace or of its catalog can give it to you.
          </EmptyState>
        ) : (
          <Unloaded
            query={query.data === undefined ? query : (waitsFor ?? query)}
            subject={query.data === undefined ? entryLabelInCatalog(table) : 'The earlier load'}
            className="page-note"
            skeleton={[8, 4, 'Reading the table']}
          />
        )}
      </div>
    )
  return <LazyLoadForm table={table} detail={query.data} continued={continued} />
}

/** The load that the address names. `waitsFor` is the query that has no data yet. */
function useContinued(runId: string | null): { continued: Continued | null; waitsFor: UseQueryResult | null } {
  const load = useQuery({ ...pastLoadQuery(runId ?? '', { isFinal: true }), enabled: runId !== null })
  const isCorrected = load.data !== undefined && load.data.recordsSaved > 0
  const rejected = useQuery({
    ...rejectedTextQuery(runId ?? '', load.data?.csv?.encoding ?? 'utf-8'),
    enabled: isCorrected,
  })
  const parentId = load.data === undefined || isCorrected ? null : load.data.correctsRunId
  const parent = useQuery({ ...pastLoadQuery(parentId ?? '', { isFinal: true }), enabled: parentId !== null })
  // Runs are removed after a time: the server refuses a correction of one that it no longer has.
  const isParentGone = parent.error instanceof AppError && parent.error.code === 'not-found'
  if (runId === null) return { continued: null, waitsFor: null }
  if (load.data === undefined) return { continued: null, waitsFor: load }
  if (isCorrected && rejected.data === undefined) return { continued: null, waitsFor: rejected }
  if (parentId !== null && parent.data === undefined && !isParentGone) return { continued: null, waitsFor: parent }
  const corrected = parentId === null || parent.data === undefined ? null : { runId: parentId, past: parent.data }
  return {
    continued: { runId, past: load.data, parent: corrected, rejectedText: rejected.data ?? null },
    waitsFor: null,
  }
}
