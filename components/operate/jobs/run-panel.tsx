'use client'
import { Unloaded } from '@/components/shell/unloaded'
import { BadgedTables } from '@/components/about/badges-of-page'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SidePanel } from '@/components/ui/side-panel'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { useCancelRun, useRetryRun } from '@/lib/client/jobs/change-runs'
import { runQuery } from '@/lib/client/jobs/runs'
import type { Run } from '@/lib/contract/jobs'
import { paths } from '@/lib/paths/paths'
import classes from './jobs.module.css'
import { RunFacts } from './run-facts'
import { useRunHref } from './run-link'
import { RunLog } from './run-log'
import { RunProgress } from './run-progress'
import { toRunRefusal } from '@/components/about/run-refusal'
import { RunState } from '@/components/about/run-state'

/**
 * How often the panel polls while the run or its log may change: the event stream may not be open, and reports no line
 * that comes after the end of the run.
 */
const POLL_INTERVAL_MS = 3_000

/** One run: its progress, error, facts and log, with buttons to cancel or retry it. */
export function RunPanel({ runId }: { runId: string }) {
  const router = useRouter()
  const runHref = useRunHref()
  const query = useQuery({
    ...runQuery(runId),
    refetchInterval: ({ state }) => (state.data?.isLogOpen === true ? POLL_INTERVAL_MS : false),
  })
  const { data } = query
  const runTitle = data?.run.title
  useEffect(() => {
    if (runTitle !== undefined) document.title = `${runTitle} · Jobs · Lakeshore`
  }, [runTitle])
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
          {['ingest', 'save-result'].includes(data.run.kind) && data.run.table !== null && (
            <Link href={paths.loadRun(runId)}>Open the load</Link>
          )}
          <BadgedTables badges={data.badges}>
            <RunFacts run={data.run} undoes={data.undoes} undoneBy={data.undoneBy} />
          </BadgedTables>
          <h3 className={classes.heading}>Log</h3>
          <RunLog lines={data.lines} />
        </div>
      ) : (
        <Unloaded
          query={query}
          subject={`Run ${runId}`}
          next="It may have been removed: ended runs are deleted after 30 days."
          skeleton={[8, 2, 'Reading the run']}
        />
      )}
    </SidePanel>
  )
}

/**
 * Whether the user can cancel or retry the run. A change of many tables has its steps on a page of its own, and a load
 * whose rows were rejected would reject them again: it is changed first.
 */
function hasActions({ canChange, state, bulkChange, error }: Run): boolean {
  return canChange && state !== 'succeeded' && bulkChange === null && error?.code !== 'rows-rejected'
}

function RunFailure({ run: { error, state, table, bulkChange } }: { run: Run }) {
  if (!error) return null
  const unchanged =
    // A run in progress has an error while it cannot be found out whether it is committed.
    state === 'running' || error.code === 'commit-state-unknown'
      ? 'The files that the run wrote were not removed.'
      : bulkChange !== null
        ? 'Tables that were already changed stay changed.'
        : table === null
          ? 'Unfinished work was cleaned up.'
          : 'The table was not changed.'
  return (
    <ProblemNote
      {...toRunRefusal(error)}
      unchanged={unchanged}
      outcome={unchanged}
      {...(state === 'queued' && { next: 'The run will be retried automatically.' })}
      {...(state === 'running' && {
        next: 'Lakeshore looks for its result every 15 seconds, and the run goes on once it is known.',
      })}
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
      {problem && <ProblemNote error={problem} subject={run.title} unchanged="The run was not changed." />}
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
        <p>This run is being cancelled, and its files are being removed.</p>
      ) : isConfirming ? (
        <>
          <p>The files that this run has written will be removed. A new run starts from the beginning.</p>
          <div className={classes.buttons}>
            <Button variant="default" data-autofocus onClick={() => setIsConfirming(false)}>
              Keep running
            </Button>
            <WaitingButton color="red" loading={cancel.isPending} onClick={() => cancel.mutate(run.id)}>
              Cancel run
            </WaitingButton>
          </div>
        </>
      ) : (
        <Button variant="default" onClick={() => setIsConfirming(true)}>
          Cancel run…
        </Button>
      )}
    </div>
  )
}
