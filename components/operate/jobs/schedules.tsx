'use client'
import { useQuery } from '@tanstack/react-query'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { Panel } from '@/components/ui/panel'
import { retryFetch } from '@/lib/client/call/retry'
import { schedulesQuery } from '@/lib/client/jobs/runs'
import { useHasPermission } from '@/lib/client/session/permissions'
import { formatQuantity } from '@/lib/format/count'
import classes from './jobs.module.css'
import { useRunHref } from './run-link'

/** As high as three rows of the table, whose code follows that of the page. */
function SchedulesPlaceholder() {
  const isAdmin = useHasPermission('console:admin') === true
  return (
    <div className={classes.schedulesPlaceholder} data-actions={isAdmin || undefined}>
      <SkeletonRows rows={3} columns={5} label="Reading schedules" />
    </div>
  )
}

const LazyScheduleTable = lazyComponent(
  async () => (await import('@/components/about/schedules/schedule-table')).ScheduleTable,
  { loading: SchedulesPlaceholder, isServerRendered: true },
)

/** Schedules with their next runs: those of the console, and work that users have saved. */
export function Schedules() {
  const { data: schedules, error, isPending, refetch } = useQuery(schedulesQuery())
  const isAdmin = useHasPermission('console:admin') === true
  const runHref = useRunHref()
  return (
    <Panel title="Scheduled" subtitle={schedules && formatQuantity(schedules.length, 'schedule')} flush>
      {isPending ? (
        <SchedulesPlaceholder />
      ) : error && schedules === undefined ? (
        <div className="padded">
          <ProblemNote error={error} subject="The list of schedules" onRetry={() => retryFetch(refetch)} />
        </div>
      ) : schedules === undefined || schedules.length === 0 ? (
        <EmptyState>
          {isAdmin
            ? 'Nothing is scheduled. The worker creates the first schedule when it starts.'
            : 'Nothing is scheduled that you may see.'}
        </EmptyState>
      ) : (
        <LazyScheduleTable label="Scheduled" schedules={schedules} runHref={runHref} showsTable />
      )}
    </Panel>
  )
}
