'use client'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import Link from 'next/link'
import { useEffect } from 'react'
import { BadgedTables } from '@/components/about/badges-of-page'
import { tableLabel } from '@/components/about/table-link'
import { Page } from '@/components/shell/page'
import { Unloaded } from '@/components/shell/unloaded'
import { runQuery } from '@/lib/client/jobs/runs'
import { useRunUpdates } from '@/lib/client/jobs/watch-runs'
import type { Run, RunQueue } from '@/lib/contract/jobs'
import type { LoadWait } from '@/lib/contract/loads/load-wait'
import type { AppError } from '@/lib/errors'
import { paths } from '@/lib/paths/paths'
import { isSessionEnd } from '../waiting/ended-session'
import { LoadRun } from './load-run'
import { isLoadOfFiles, isTableLoad, type TableLoad } from './table-load'

/** How often the page polls while the run may change: the event stream may not be open. */
const POLL_INTERVAL_MS = 3_000
/** How often it looks whether its user has signed in again, in whatever tab. */
const SIGN_IN_INTERVAL_MS = 15_000

/** One load: its progress, its rejects, its files, and the snapshot that it makes. */
export function LoadRunPage({ runId }: { runId: string }) {
  useRunUpdates()
  const query = useQuery({
    ...runQuery(runId),
    refetchInterval: ({ state: { data, error } }) =>
      data?.run.finishedAtMs !== null ? false : isSessionEnd(error) ? SIGN_IN_INTERVAL_MS : POLL_INTERVAL_MS,
  })
  const { data } = query
  if (data === undefined)
    return (
      <Page title="Load">
        <Unloaded
          query={query}
          subject={`Run ${runId}`}
          next="It may have been removed: ended runs are deleted after 30 days."
          skeleton={[8, 4, 'Reading the run']}
        />
      </Page>
    )
  const { run } = data
  if (!isTableLoad(run)) return <OtherRun run={run} />
  return (
    <BadgedTables badges={data.badges}>
      <TitledLoad
        run={run}
        queue={data.queue}
        wait={data.wait}
        sessionEnd={isSessionEnd(query.error) ? query.error : null}
        asOfMs={isUnanswered(query) ? query.dataUpdatedAt : null}
      />
    </BadgedTables>
  )
}

/** One attempt in vain is soon forgotten. */
const MIN_FAILURES = 2

/** Whether the page shows an earlier state because the server does not answer. */
function isUnanswered({ error, failureCount, failureReason }: UseQueryResult): boolean {
  const reason = error ?? (failureCount >= MIN_FAILURES ? failureReason : null)
  return reason !== null && !isSessionEnd(reason)
}

function TitledLoad({
  run,
  ...state
}: {
  run: TableLoad
  queue: RunQueue | null
  wait: LoadWait | null
  sessionEnd: AppError | null
  asOfMs: number | null
}) {
  const title = `${isLoadOfFiles(run) ? 'Load' : 'Save a result'} into ${tableLabel(run.table)}`
  useEffect(() => {
    document.title = `${title} · Lakeshore`
  }, [title])
  return <LoadRun run={run} {...state} title={title} />
}

/** The run is not a load: its panel in Jobs shows it. */
function OtherRun({ run: { id, title } }: { run: Run }) {
  const router = useRouter()
  useEffect(() => router.replace(paths.run(id)), [router, id])
  return (
    <Page title={title}>
      <p className="bare">
        This run is not a load. <Link href={paths.run(id)}>Open it in Jobs</Link>
      </p>
    </Page>
  )
}
