'use client'
import { IconArrowBackUp, IconClockPause, IconEye, IconPlayerPause } from '@tabler/icons-react'
import Link from 'next/link'
import { RunState } from '@/components/operate/jobs/run-state'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ExactTime } from '@/components/ui/values/exact-time'
import { useCancelRun } from '@/lib/client/jobs/change-runs'
import { formatCount } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { findPausedStep, totalOf } from './bulk-states'
import { bulkTitle, previewText, undoneText } from './bulk-texts'
import type { BulkChangeDetail } from './next-step'
import classes from './bulk-change.module.css'

/** The title of the change, its user, the state of its run, and *Pause* while the run is open. */
export function BulkChangeHead({ bulkChange }: { bulkChange: BulkChangeDetail }) {
  const { counts, changes, run, step, startedBy, startedAtMs } = bulkChange
  const cancel = useCancelRun()
  const isOpen = run?.finishedAtMs === null
  const isPaused = run?.state === 'cancelled' && findPausedStep(run, step, counts) !== null
  const doneCount = step === 'undo' ? counts.undone : counts.changed + counts.proposed
  return (
    <header className={classes.head}>
      <h1>{bulkTitle(changes, totalOf(counts))}</h1>
      {isPaused ? (
        <span className="inline-row gap-4 secondary">
          <IconClockPause size={14} stroke={1.6} aria-hidden /> paused
        </span>
      ) : step === 'preview' && run?.state === 'succeeded' ? (
        <span className="inline-row gap-4 secondary">
          <IconEye size={14} stroke={1.6} aria-hidden /> {previewText(counts)}
        </span>
      ) : step === 'undo' && run?.state === 'succeeded' ? (
        <span className={`inline-row gap-4 ${counts['not-undone'] > 0 ? 'warn' : 'secondary'}`}>
          <IconArrowBackUp size={14} stroke={1.6} aria-hidden /> {undoneText(counts)}
        </span>
      ) : (
        run && <RunState run={run} />
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
            {step === 'preview' || doneCount === 0 ? 'Pause' : `Pause, keep ${formatCount(doneCount)} done`}
          </WaitingButton>
        </span>
      )}
      {cancel.error && (
        <div className={classes.wide}>
          <ProblemNote error={cancel.error} subject={run?.title ?? 'The run'} unchanged="The run was not changed." />
        </div>
      )}
    </header>
  )
}
