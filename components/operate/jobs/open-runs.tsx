'use client'
import { useRouter } from 'next/navigation'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { RelativeTime } from '@/components/ui/values/relative-time'
import type { Run } from '@/lib/contract/jobs'
import { formatQuantity } from '@/lib/format/count'
import classes from './jobs.module.css'
import { RunLink, useRunHref } from './run-link'
import { RunTableLink } from './run-table-link'
import { RunProgress } from './run-progress'
import { RunState } from '@/components/about/run-state'

/** Running runs with their progress. */
export function RunningRuns({ runs, selectedRunId }: { runs: readonly Run[]; selectedRunId: string | null }) {
  return (
    <Panel title="Running now" {...(runs.length > 0 && { subtitle: formatQuantity(runs.length, 'run') })} flush>
      {runs.length === 0 ? (
        <div className={classes.nothingRunning}>
          <EmptyState>
            Nothing is running. Load a file with <strong>Load</strong> and follow its progress here.
          </EmptyState>
        </div>
      ) : (
        <ul className={classes.running} aria-label="Running now">
          {runs.map((run) => (
            <li key={run.id} aria-current={run.id === selectedRunId || undefined}>
              <p className={classes.what}>
                <RunLink runId={run.id}>{run.title}</RunLink>
                {run.table !== null && (
                  <span className={classes.of}>
                    <RunTableLink run={run} />
                  </span>
                )}
                {run.isCancelRequested && <RunState run={run} />}
                <span className={classes.by}>
                  {run.actor}
                  {run.attempt > 1 && `, attempt ${run.attempt}`}
                </span>
              </p>
              <RunProgress run={run} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

/** The panel of the running runs while they are read, as high as without any. */
export function RunningRunsPlaceholder() {
  return (
    <Panel title="Running now" flush>
      <div className={classes.nothingRunning}>
        <SkeletonRows rows={3} columns={4} label="Reading runs" />
      </div>
    </Panel>
  )
}

/** Queued runs, the next first. Renders nothing without any. */
export function WaitingRuns({ runs, selectedRunId }: { runs: readonly Run[]; selectedRunId: string | null }) {
  const router = useRouter()
  const runHref = useRunHref()
  if (runs.length === 0) return null
  return (
    <Panel title="Waiting" subtitle={formatQuantity(runs.length, 'run')} flush>
      <div className={classes.list}>
        <DataTable
          label="Waiting"
          columns={WAITING_COLUMNS}
          rows={runs}
          rowKey={({ id }) => id}
          onOpen={({ id }) => router.push(runHref(id), { scroll: false })}
          {...(selectedRunId !== null && { selectedKey: selectedRunId })}
        />
      </div>
    </Panel>
  )
}

const WAITING_COLUMNS: readonly Column<Run>[] = [
  { id: 'what', header: 'What', weight: 'name', cell: ({ id, title }) => <RunLink runId={id}>{title}</RunLink> },
  { id: 'table', header: 'Table', cell: (run) => <RunTableLink run={run} /> },
  { id: 'state', header: 'State', wideOnly: true, cell: (run) => <RunState run={run} /> },
  {
    id: 'until',
    header: 'Starts',
    cell: ({ nextAttemptAtMs, scheduledForMs, awaitedUploads }) => {
      if (awaitedUploads > 0) return 'when its files are here'
      const atMs = nextAttemptAtMs ?? scheduledForMs
      return atMs === null ? 'when a worker is free' : <RelativeTime atMs={atMs} />
    },
  },
  { id: 'by', header: 'By', align: 'end', wideOnly: true, cell: ({ actor }) => actor },
]
