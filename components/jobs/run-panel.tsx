'use client'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SidePanel } from '@/components/ui/side-panel'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { runQuery, useCancelRun, useRetryRun } from '@/lib/client/jobs'
import type { Run } from '@/lib/contract/jobs'
import { AppError } from '@/lib/errors'
import { retryFetch } from '@/lib/client/retry'
import classes from './jobs.module.css'
import { RunFacts } from './run-facts'
import { useRunHref } from './run-link'
import { RunLog } from './run-log'
import { RunProgress } from './run-progress'
import { RunState } from './run-state'

/** Where the page is not told of changes it asks for the run that is open. */
const POLL_INTERVAL_MS = 3_000

/** One run: facts, progress, why it failed, what it says; to be cancelled or tried again. */
export function RunPanel({ runId }: { runId: string }) {
  const router = useRouter()
  const runHref = useRunHref()
  const { data, error, refetch } = useQuery({
    ...runQuery(runId),
    refetchInterval: ({ state }) => (state.data?.run.finishedAtMs === null ? POLL_INTERVAL_MS : false),
  })
  return (
    <SidePanel
      title={data ? <span title={data.run.title}>{data.run.title}</span> : 'Run'}
      subtitle={data && <RunState run={data.run} />}
      width={468}
      onClose={() => router.push(runHref(null), { scroll: false })}
      {...(data && hasActions(data.run) && { footer: <Actions run={data.run} /> })}
    >
      {data ? (
        <div className={classes.run}>
          {data.run.state === 'running' && <RunProgress run={data.run} />}
          {data.run.error && data.run.state !== 'cancelled' && <RunFailure run={data.run} />}
          <RunFacts run={data.run} />
          <h3 className={classes.heading}>Log</h3>
          <RunLog lines={data.lines} />
        </div>
      ) : error ? (
        <ProblemNote
          error={error}
          subject={`Run ${runId}`}
          next="It may have been tidied away: runs are kept for 30 days."
          onRetry={() => retryFetch(refetch)}
        />
      ) : (
        <SkeletonRows rows={8} columns={2} label="Reading the run" />
      )}
    </SidePanel>
  )
}

/** Whether something can be done about it. */
function hasActions({ mayChange, state }: Run): boolean {
  return mayChange && state !== 'succeeded'
}

function RunFailure({ run: { error, state, place } }: { run: Run }) {
  if (!error) return null
  const unchanged =
    error.code === 'commit-state-unknown'
      ? 'What it has written is still there.'
      : place === null
        ? 'What it had begun was put right.'
        : 'The table is as it was before.'
  return (
    <ProblemNote
      error={new AppError(error.code, error.detail, { facts: { ...error.facts } })}
      unchanged={unchanged}
      {...(state === 'queued' && { next: 'It is tried again by itself.' })}
    />
  )
}

function Actions({ run }: { run: Run }) {
  const router = useRouter()
  const runHref = useRunHref()
  const [isConfirming, setIsConfirming] = useState(false)
  const cancel = useCancelRun()
  const retry = useRetryRun()
  const problem = cancel.error ?? retry.error
  return (
    <div className={classes.foot}>
      {problem && <ProblemNote error={problem} subject={run.title} />}
      {run.finishedAtMs !== null ? (
        <WaitingButton
          variant="default"
          loading={retry.isPending}
          onClick={() =>
            retry.mutate(run.id, { onSuccess: ({ run: next }) => router.push(runHref(next.id), { scroll: false }) })
          }
        >
          Try again
        </WaitingButton>
      ) : run.isCancelRequested ? (
        <p>It is being cancelled, and takes away what it has written.</p>
      ) : isConfirming ? (
        <>
          <p>What it has written is taken away. A new run begins from the start.</p>
          <div className={classes.buttons}>
            <Button variant="default" data-autofocus onClick={() => setIsConfirming(false)}>
              Let it go on
            </Button>
            <WaitingButton color="red" loading={cancel.isPending} onClick={() => cancel.mutate(run.id)}>
              Cancel the run
            </WaitingButton>
          </div>
        </>
      ) : (
        <Button variant="default" onClick={() => setIsConfirming(true)}>
          Cancel, leave nothing behind …
        </Button>
      )}
    </div>
  )
}
