'use client'
import { IconArrowBackUp, IconClockPause, IconEye, IconPlayerPause, IconPlayerStop } from '@tabler/icons-react'
import Link from 'next/link'
import { RunState } from '@/components/about/run-state'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ExactTime } from '@/components/ui/values/exact-time'
import { type BulkChangeIdentifier, useStopBulkChange } from '@/lib/client/bulk-changes'
import { useCancelRun } from '@/lib/client/jobs/change-runs'
import { formatCount } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { findPausedStep, isUndoWaiting, totalOf } from './bulk-states'
import { bulkTitle, previewText, problemCounts, stoppedText, undoneText } from './bulk-texts'
import type { BulkChangeDetail } from './next-step'
import classes from './bulk-change.module.css'

/** The title of the change, its user, the state of its run, and *Pause* and *Stop* while the run is open. */
export function BulkChangeHead({ on, bulkChange }: { on: BulkChangeIdentifier; bulkChange: BulkChangeDetail }) {
  const { counts, changes, run, step, canRun, startedBy, startedAtMs } = bulkChange
  const cancel = useCancelRun()
  const stop = useStopBulkChange(on)
  const isOpen = run?.finishedAtMs === null
  const isCancelled = run?.state === 'cancelled'
  const isPaused = isCancelled && findPausedStep(run, step, counts) !== null
  const stopped = isCancelled ? stoppedText(counts, step) : null
  const warnings = { ...run?.warnings, ...problemCounts(counts) }
  const hasProblems = Object.keys(warnings).length > 0
  const doneCount = step === 'undo' ? counts.undone : counts.changed + counts.proposed
  return (
    <header className={classes.head}>
      <h1>{bulkTitle(changes, totalOf(counts))}</h1>
      {isPaused ? (
        <span className="inline-row gap-4 secondary">
          <IconClockPause size={14} stroke={1.6} aria-hidden /> paused
        </span>
      ) : stopped !== null ? (
        <span className="inline-row gap-4 secondary">
          <IconPlayerStop size={14} stroke={1.6} aria-hidden /> {stopped}
        </span>
      ) : step === 'preview' && run?.state === 'succeeded' ? (
        <span className={`inline-row gap-4 ${hasProblems ? 'warn' : 'secondary'}`}>
          <IconEye size={14} stroke={1.6} aria-hidden /> {previewText(counts)}
        </span>
      ) : step === 'undo' && run?.state === 'succeeded' ? (
        <span className={`inline-row gap-4 ${counts['not-undone'] > 0 ? 'warn' : 'secondary'}`}>
          <IconArrowBackUp size={14} stroke={1.6} aria-hidden /> {undoneText(counts)}
        </span>
      ) : isUndoWaiting(bulkChange) ? (
        <span className="inline-row gap-4 secondary">
          <IconPlayerStop size={14} stroke={1.6} aria-hidden /> stopping, to be undone
        </span>
      ) : (
        run && <RunState run={run.state === 'succeeded' ? { ...run, warnings } : run} />
      )}
      <span className="quiet small">
        by {startedBy}, started <ExactTime atMs={startedAtMs} />
      </span>
      {run && (
        <Link className="small" href={paths.run(run.id)}>
          Log of the run
        </Link>
      )}
      {isOpen && run.canChange && (
        <span className={classes.actions}>
          <WaitingButton
            variant="default"
            leftSection={<IconPlayerPause size={15} stroke={1.6} aria-hidden />}
            loading={cancel.isPending || run.isCancelRequested}
            onClick={() => cancel.mutate(run.id)}
          >
            Pause
          </WaitingButton>
          {canRun && step !== 'commit-proposals' && (
            <WaitingButton
              variant="default"
              leftSection={<IconPlayerStop size={15} stroke={1.6} aria-hidden />}
              loading={stop.isPending}
              disabled={run.isCancelRequested}
              onClick={() => stop.mutate()}
            >
              {step === 'preview' || doneCount === 0 ? 'Stop' : `Stop, keep ${formatCount(doneCount)} done`}
            </WaitingButton>
          )}
        </span>
      )}
      {(cancel.error ?? stop.error) && (
        <div className={classes.wide}>
          <ProblemNote
            error={cancel.error ?? stop.error}
            subject={run?.title ?? 'The run'}
            unchanged="The run was not changed."
          />
        </div>
      )}
    </header>
  )
}
