import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { largeInputAdvice } from '@/components/about/csv/input-advice'
import { toRunRefusal } from '@/components/about/run-refusal'
import { ScheduleName } from '@/components/about/schedules/schedule-name'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { VisibleText } from '@/components/ui/values/visible-text'
import { RelativeTime } from '@/components/ui/values/relative-time'
import type { PastLoad } from '@/lib/client/jobs/past-load'
import { openRunsQuery } from '@/lib/client/jobs/runs'
import type { RunQueue } from '@/lib/contract/jobs'
import { formatQuantity } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'
import { Corrections } from './corrections'
import { QueuedLoad } from './queued-load'
import { isLoadOfFiles, type TableLoad } from './table-load'
import classes from './load-run.module.css'

/** Whatever a user has to know about the state of a load, apart from its figures. */
export function LoadNotes({
  run,
  queue,
  past,
}: {
  run: TableLoad
  queue: RunQueue | null
  past: PastLoad | undefined
}) {
  const { state, error, outcome, isCancelRequested } = run
  return (
    <>
      {run.finishedAtMs === null && <Waiting run={run} queue={queue} />}
      {error !== null && state !== 'cancelled' && <Failure run={run} />}
      {state === 'cancelled' && (
        <p className={classes.note} role="status">
          {run.startedAtMs === null
            ? 'The load was cancelled before it began, and the table was not changed. Its uploads stay until they expire.'
            : 'The load was cancelled. The files that it had written were removed, and the table was not changed.'}
        </p>
      )}
      {run.scheduleId !== null && (
        <p className={classes.note}>
          A run of the saved load <ScheduleName id={run.scheduleId} />
          {typeof outcome?.['newFileCount'] === 'number' && `: ${newFilesText(outcome['newFileCount'])}`}.
        </p>
      )}
      {state === 'succeeded' && outcome?.['snapshotId'] === null && outcome['newFileCount'] !== 0 && (
        <p className={classes.note} role="status">
          Nothing was committed:{' '}
          {outcome['rowsRejected'] ? 'every row was rejected' : 'no row had to be added or replaced'}, so the table has
          no new snapshot.
        </p>
      )}
      {state === 'succeeded' && <FieldNotes run={run} />}
      {past !== undefined && past.corrections.length > 0 && (
        <p className={classes.note} role="status">
          <Corrections loadId={run.id} past={past} />
        </p>
      )}
      {state === 'succeeded' && isCancelRequested && (
        <p className={classes.note}>It was cancelled too late: the load had already finished.</p>
      )}
    </>
  )
}

/** The columns and fields that did not meet: a renamed header is one of each. */
function FieldNotes({ run: { outcome } }: { run: TableLoad }) {
  const { absentColumns, skippedFields } = outcome ?? {}
  return (
    <>
      {typeof absentColumns === 'string' && (
        <p className={classes.note} role="status">
          The files had no field for these columns, which got their default or null:{' '}
          <VisibleText>{absentColumns}</VisibleText>
        </p>
      )}
      {typeof skippedFields === 'string' && (
        <p className={classes.note} role="status">
          These fields have no column and were left out: <VisibleText>{skippedFields}</VisibleText>
        </p>
      )}
    </>
  )
}

function newFilesText(count: number): string {
  return count === 0 ? 'there were no new files, so the table has no new snapshot' : formatQuantity(count, 'new file')
}

/** Why a load waits, and whether any worker would start it. */
function Waiting({ run, queue }: { run: TableLoad; queue: RunQueue | null }) {
  const { data: open } = useQuery(openRunsQuery())
  if (open?.isWorkerAlive === false)
    return (
      <WarningNote isLive>
        No worker is running, so {run.state === 'queued' ? 'the load does not start' : 'the load does not go on'}. Start
        the console and its worker with npm run up.
      </WarningNote>
    )
  if (run.state !== 'queued') return null
  if (queue !== null) return <QueuedLoad queue={queue} />
  if (run.awaitedUploads > 0) return null
  const startsAtMs = run.nextAttemptAtMs ?? run.scheduledForMs
  return (
    startsAtMs !== null && (
      <p className={classes.note} role="status">
        The {run.nextAttemptAtMs === null ? 'load' : 'next attempt'} starts <RelativeTime atMs={startsAtMs} />.
      </p>
    )
  )
}

const CHECKED_AGAIN = 'Lakeshore looks for the commit every 15 seconds, and the load goes on once it is known.'

function Failure({ run }: { run: TableLoad }) {
  const { error, state } = run
  if (error === null) return null
  const refusal = toRunRefusal(error)
  const largeAdvice = isLoadOfFiles(run) ? largeInputAdvice(refusal.error) : undefined
  const unchanged =
    // A load that runs has an error while it cannot be found out whether it is committed.
    state === 'running' || error.code === 'commit-state-unknown'
      ? 'The files that the load wrote were not removed.'
      : 'The table was not changed.'
  const { earlierRunId } = error.facts
  return (
    <>
      <ProblemNote
        {...refusal}
        {...(largeAdvice !== undefined && { next: largeAdvice })}
        unchanged={unchanged}
        outcome={unchanged}
        {...(state === 'queued' && { next: 'The load will be retried automatically.' })}
        {...(state === 'running' && { next: CHECKED_AGAIN })}
      />
      {/* The sentence names the run only for users who may see it. */}
      {typeof earlierRunId === 'string' && error.detail.includes(earlierRunId) && (
        <p className={classes.note}>
          <Link href={paths.loadRun(earlierRunId)}>Open the earlier load</Link> to see its rows and its snapshot.
        </p>
      )}
    </>
  )
}
