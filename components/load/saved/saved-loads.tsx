'use client'
import { useQuery } from '@tanstack/react-query'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { Panel } from '@/components/ui/panel'
import { retryFetch } from '@/lib/client/call/retry'
import { schedulesQuery } from '@/lib/client/jobs/runs'
import { formatQuantity } from '@/lib/format/count'
import { isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'

const SAVED_LOAD = 'ingest'
const SAVED_RESULT = 'save-result'
/** While the last run of one of them is in progress. */
const POLL_INTERVAL_MS = 3_000

const LazyScheduleTable = lazyComponent(
  async () => (await import('@/components/about/schedules/schedule-table')).ScheduleTable,
  { loading: ({ label, schedules }) => <SkeletonRows rows={schedules.length + 1} columns={4} label={label} /> },
)

/** The saved loads of a table and the results of queries that are saved in it; no panel without one. */
export function SavedLoads({ table }: { table: TableIdentifier }) {
  const { data, error, refetch } = useQuery({
    ...schedulesQuery(),
    refetchInterval: ({ state }) =>
      state.data?.schedules.some(({ lastRun }) => lastRun !== null && lastRun.finishedAtMs === null)
        ? POLL_INTERVAL_MS
        : false,
  })
  if (error && data === undefined)
    return <ProblemNote error={error} subject="The list of saved loads" onRetry={() => retryFetch(refetch)} />
  const ofTable = (data ?? []).filter((schedule) => schedule.table !== null && isSameTable(schedule.table, table))
  const loads = ofTable.filter(({ kind }) => kind === SAVED_LOAD)
  const results = ofTable.filter(({ kind }) => kind === SAVED_RESULT)
  return (
    <>
      {loads.length > 0 && (
        <Panel title="Saved loads" subtitle={formatQuantity(loads.length, 'load')} flush>
          <LazyScheduleTable label="Saved loads" schedules={loads} runHref={(runId) => paths.loadRun(runId)} />
        </Panel>
      )}
      {results.length > 0 && (
        <Panel title="Saved results of queries" subtitle={formatQuantity(results.length, 'result')} flush>
          <LazyScheduleTable
            label="Saved results of queries"
            schedules={results}
            runHref={(runId) => paths.run(runId)}
          />
        </Panel>
      )}
    </>
  )
}
