'use client'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { phaseText } from '@/components/about/run-texts'
import { useShownTable } from '@/components/table/frame/shown-table'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { ProgressBar } from '@/components/ui/values/progress-bar'
import { expiryCountQuery, useStartExpiryCount } from '@/lib/client/table/expiry'
import { useCancelRun } from '@/lib/client/jobs/change-runs'
import { doneShare } from '@/lib/contract/run-kinds'
import type { ExpiryFiles, ExpiryPreview } from '@/lib/contract/table/expiry'
import classes from './expiry-panel.module.css'

/** The count of an expiry's files by a run, for tables for which two seconds do not suffice. */
export function useExpiryCount(preview: ExpiryPreview | undefined) {
  const { table } = useShownTable()
  const start = useStartExpiryCount(table)
  const intent = preview?.intent ?? null
  const subject = intent?.kind === 'expire-snapshots' ? intent.snapshotIds.join(' ') : ''
  const [started, setStarted] = useState<{ subject: string; runId: string } | null>(null)
  const runId = started?.subject === subject ? started.runId : null
  const count = useQuery(expiryCountQuery(table, runId))
  const files: ExpiryFiles | null = preview?.files ?? (runId === null ? null : (count.data?.files ?? null))
  return {
    files,
    /** The run's list of files; null without a run. */
    list: preview?.files || runId === null ? null : (count.data?.list ?? null),
    run: runId === null ? null : (count.data?.run ?? null),
    isStarting: start.isPending || (runId !== null && count.isPending),
    error: start.error ?? count.error,
    start: () =>
      preview && start.mutate(preview.criteria, { onSuccess: ({ run }) => setStarted({ subject, runId: run.id }) }),
  }
}

export type ExpiryCountState = ReturnType<typeof useExpiryCount>

/** Starts the count, shows how far it is, and cancels it. */
export function ExpiryCount({ count: { run, isStarting, error, start } }: { count: ExpiryCountState }) {
  const cancel = useCancelRun()
  if (run !== null && run.finishedAtMs === null) {
    const phase = run.state === 'queued' ? 'waiting for a worker' : phaseText(run.kind, run.progress)
    return (
      <div className={classes.count}>
        <ProgressBar label="Counting files" share={doneShare(run.progress)} valueText={phase} />
        <div className={classes.countLine}>
          <span>{phase}</span>
          <Button
            variant="default"
            disabled={run.isCancelRequested || cancel.isPending}
            onClick={() => cancel.mutate(run.id)}
          >
            {run.isCancelRequested ? 'Cancelling' : 'Cancel the count'}
          </Button>
        </div>
      </div>
    )
  }
  return (
    <div className={classes.count}>
      {error && <ProblemNote error={error} subject="The count" />}
      {run?.error && <p className={classes.subject}>{run.error.detail}</p>}
      <div className={classes.countLine}>
        <span>Counting the files of this table takes more than two seconds.</span>
        <WaitingButton variant="default" loading={isStarting} onClick={start}>
          Count files
        </WaitingButton>
      </div>
    </div>
  )
}
