import { useQuery } from '@tanstack/react-query'
import { useRef } from 'react'
import { RunState } from '@/components/about/run-state'
import { Page } from '@/components/shell/page'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { Panel } from '@/components/ui/panel'
import { ExactTime } from '@/components/ui/values/exact-time'
import { pastLoadQuery } from '@/lib/client/jobs/past-load'
import type { RunQueue } from '@/lib/contract/jobs'
import type { LoadWait } from '@/lib/contract/loads/load-wait'
import { haveUploadsBegun } from '@/lib/client/uploads/begun-uploads'
import { addedFilesQuery } from '@/lib/client/table/snapshots'
import type { AppError } from '@/lib/errors'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/main-branch'
import { EndedSession } from '../waiting/ended-session'
import { findUndo } from './find-undo'
import { LoadActions } from './load-actions'
import { LoadHead } from './load-head'
import { LoadNotes } from './load-notes'
import { toLoadCounts } from './load-progress'
import { useOpenedRun } from './opened-run'
import { isLoadOfFiles, type TableLoad } from './table-load'
import classes from './load-run.module.css'
import { useRateSamples } from './use-rate-samples'

const LazyRejectedRows = lazyComponent(async () => (await import('./rejected-rows')).RejectedRows, {
  loading: () => <Opening title="Rejected rows" />,
})
const LazyWrittenFiles = lazyComponent(async () => (await import('./written-files')).WrittenFiles, {
  loading: () => <Opening title="Files written" />,
})
const LazyLoadedSnapshot = lazyComponent(async () => (await import('./loaded-snapshot')).LoadedSnapshot, {
  loading: () => <Opening title="The snapshot it makes" />,
})
const LazyRatePanel = lazyComponent(async () => (await import('./rate-panel')).RatePanel, {
  loading: () => <Opening title="Rows per second" />,
})
const LazyLoadDecisions = lazyComponent(async () => (await import('./load-decisions')).LoadDecisions, {
  loading: () => <Opening title="What was decided" />,
})

const LazyWaitingFiles = lazyComponent(async () => (await import('../waiting/waiting-files')).WaitingFiles, {
  loading: () => <Opening title="Waiting for bytes" />,
})
const LazyTakenBackFiles = lazyComponent(async () => (await import('../waiting/waiting-files')).TakenBackFiles, {
  loading: () => null,
})

/** The page of a load that is known. */
export function LoadRun({
  run,
  queue,
  wait,
  title,
  sessionEnd,
  asOfMs,
}: {
  run: TableLoad
  queue: RunQueue | null
  wait: LoadWait | null
  title: string
  /** Why the page shows an earlier state; null: it does not. */
  sessionEnd: AppError | null
  /** When the server answered last, if it does not answer now; otherwise null. */
  asOfMs: number | null
}) {
  // Only users who may write the table read what a load has read, and its rejects.
  const hasPast = run.canChange && isLoadOfFiles(run)
  const past = useQuery({ ...pastLoadQuery(run.id, { isFinal: run.finishedAtMs !== null }), enabled: hasPast })
  const branch = past.data?.landing.branch ?? null
  const snapshotId = typeof run.outcome?.['snapshotId'] === 'string' ? run.outcome['snapshotId'] : null
  const added = useQuery({
    ...addedFilesQuery(run.table, snapshotId ?? '', branch),
    enabled: snapshotId !== null && (past.isFetched || !hasPast),
  })
  const samples = useRateSamples(run)
  const heading = useRef<HTMLHeadingElement>(null)
  useOpenedRun(run.id, heading)
  const { rowsRejected } = toLoadCounts(run)
  // A load that failed or was cancelled has removed its files.
  const hasFiles = run.finishedAtMs === null || run.state === 'succeeded'
  const files = hasFiles && <LazyWrittenFiles {...{ run, snapshotId, added }} />
  const isWaiting = wait !== null && run.awaitedUploads > 0
  const hasStarted = run.startedAtMs !== null
  return (
    <Page
      title={title}
      titleRef={heading}
      subtitle={
        <span className={classes.subtitle}>
          <RunState run={run} />
          <span>
            by {run.actor}, {hasStarted ? 'began' : 'requested'} <ExactTime atMs={run.startedAtMs ?? run.createdAtMs} />
          </span>
        </span>
      }
      actions={<LoadActions {...{ run, past: past.data, commit: added.data }} />}
    >
      {added.data !== undefined && findUndo(added.data, branch ?? MAIN_BRANCH) === null && (
        <WarningNote isLive>
          {branch ?? MAIN_BRANCH} no longer has the rows of this load: its snapshot was rolled back or replaced.
        </WarningNote>
      )}
      {asOfMs !== null && (
        <WarningNote isLive>
          The server does not answer. This page shows the load as of <ExactTime atMs={asOfMs} />, and goes on by itself
          when the connection is back.
        </WarningNote>
      )}
      <LoadNotes run={run} queue={queue} past={past.data} />
      {isWaiting && <LazyWaitingFiles {...{ run, wait, sessionEnd }} />}
      {sessionEnd !== null && !isWaiting && <EndedSession error={sessionEnd} then="this page goes on" />}
      {run.finishedAtMs !== null && haveUploadsBegun() && <LazyTakenBackFiles run={run} />}
      <LoadHead {...{ run, past: past.data, samples }} />
      {hasStarted && (
        <div className={classes.panels}>
          <div className={classes.column}>
            {rowsRejected > 0 ? <LazyRejectedRows {...{ run, past: past.data }} /> : files}
            <div className={classes.pair}>
              <LazyRatePanel {...{ run, samples }} />
              {isLoadOfFiles(run) && <LazyLoadDecisions {...{ run, past, commit: added.data }} />}
            </div>
          </div>
          <div className={classes.column}>
            {rowsRejected > 0 && files}
            <LazyLoadedSnapshot {...{ run, past: past.data, snapshotId, added }} />
          </div>
        </div>
      )}
    </Page>
  )
}

/** As high as most panels, so that little moves. */
function Opening({ title }: { title: string }) {
  return (
    <Panel title={title}>
      <SkeletonRows rows={5} columns={3} />
    </Panel>
  )
}
