'use client'
import { BadgedTables } from '@/components/about/badges-of-page'
import { IconBroadcast } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useParams } from 'next/navigation'
import type { ReactNode } from 'react'
import { Page } from '@/components/shell/page'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { openRunsQuery } from '@/lib/client/jobs/runs'
import { useRunUpdates } from '@/lib/client/jobs/watch-runs'
import { retryFetch } from '@/lib/client/call/retry'
import { EndedRuns } from './ended-runs'
import classes from './jobs.module.css'
import { RunningRuns, RunningRunsPlaceholder, WaitingRuns } from './open-runs'
import { Schedules } from './schedules'

/** How often the page polls: while the event stream is open, and while it is not. */
const POLL_INTERVAL_MS = { live: 60_000, polling: 3_000 } as const

/** Running, waiting, scheduled and ended runs. One run opens in a side panel. */
export function JobsPage({ children }: { children: ReactNode }) {
  const { run } = useParams<{ run?: string }>()
  const selectedRunId = run === undefined ? null : decodeURIComponent(run)
  const isLive = useRunUpdates()
  const pollIntervalMs = isLive ? POLL_INTERVAL_MS.live : POLL_INTERVAL_MS.polling
  const { data, error, isPending, refetch } = useQuery({ ...openRunsQuery(), refetchInterval: pollIntervalMs })
  const running = data?.runs.filter(({ state }) => state === 'running') ?? []
  const waiting = data?.runs.filter(({ state }) => state === 'queued').toReversed() ?? []
  return (
    <div className="columns fill">
      <div className={classes.main}>
        <Page
          title="Jobs"
          subtitle={
            <span className={classes.live} data-live={isLive || undefined}>
              <IconBroadcast size={14} stroke={1.6} aria-hidden />
              {isLive ? 'live' : `refreshed every ${POLL_INTERVAL_MS.polling / 1000} s`}
            </span>
          }
        >
          {data && !data.isWorkerAlive && <NoWorkerWarning waitingCount={waiting.length} />}
          {isPending ? (
            <RunningRunsPlaceholder />
          ) : error && data === undefined ? (
            <ProblemNote error={error} subject="The list of runs" onRetry={() => retryFetch(refetch)} />
          ) : (
            <BadgedTables badges={data?.badges}>
              <RunningRuns runs={running} selectedRunId={selectedRunId} />
              <WaitingRuns runs={waiting} selectedRunId={selectedRunId} />
            </BadgedTables>
          )}
          <Schedules />
          <EndedRuns selectedRunId={selectedRunId} pollIntervalMs={pollIntervalMs} />
        </Page>
      </div>
      {children}
    </div>
  )
}

function NoWorkerWarning({ waitingCount }: { waitingCount: number }) {
  return (
    <WarningNote isLive>
      No worker is running
      {waitingCount > 0 ? ', so waiting runs do not start' : ''}. Start the console and its worker with npm run up.
    </WarningNote>
  )
}
