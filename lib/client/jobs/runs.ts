import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { callEndpoint } from '@/lib/api/call-endpoint'
import type { Run, RunGroup, RunLogLine, RunQueue, UndoLink } from '@/lib/contract/jobs'
import type { LoadWait } from '@/lib/contract/loads/load-wait'
import type { TableBadge } from '@/lib/contract/shapes/lake'
import { toCallOptions } from '../call/retry'
import { keys } from '../keys'
import { refreshAfterEnded } from './refresh-lake'

const OPEN_RUNS_KEY = [...keys.jobs(), 'open']
export const ENDED_RUNS_KEY = [...keys.jobs(), 'ended']
const MAX_OPEN_RUNS = 200

export type RunWithLog = {
  run: Run
  lines: readonly RunLogLine[]
  isLogOpen: boolean
  queue: RunQueue | null
  wait: LoadWait | null
  undoes: UndoLink | null
  undoneBy: UndoLink | null
  badges: readonly TableBadge[]
}

/** Runs that wait or are in progress, newest first. When one is no longer open, pages read again what it may have changed. */
export function openRunsQuery() {
  return queryOptions({
    queryKey: OPEN_RUNS_KEY,
    queryFn: async (context) => {
      const open = await callEndpoint('listRuns', { state: 'open', limit: MAX_OPEN_RUNS }, toCallOptions(context))
      const known = context.client.getQueryData<typeof open>(OPEN_RUNS_KEY)
      if (known) refreshAfterEnded(context.client, known.runs, open.runs)
      return open
    },
  })
}

/** Runs that have ended, newest first, page after page. */
export function endedRunsQuery({ state, kind }: { state: RunGroup; kind: string | null }) {
  return infiniteQueryOptions({
    queryKey: [...ENDED_RUNS_KEY, state, kind],
    queryFn: (context) =>
      callEndpoint(
        'listRuns',
        { state, ...(kind !== null && { kind }), ...(context.pageParam !== null && { before: context.pageParam }) },
        toCallOptions(context),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextBefore,
    placeholderData: keepPreviousData,
    select: ({ pages }) => ({
      runs: pages.flatMap(({ runs }) => runs),
      badges: pages.flatMap(({ badges }) => badges),
      kinds: pages[0]?.kinds ?? [],
    }),
  })
}

/** One run with its whole log: loaded lines stay cached, and only newer lines are fetched. */
export function runQuery(runId: string) {
  const queryKey = keys.run(runId)
  return queryOptions({
    queryKey,
    queryFn: async (context): Promise<RunWithLog> => {
      const lines = [...(context.client.getQueryData<RunWithLog>(queryKey)?.lines ?? [])]
      for (;;) {
        const output = await callEndpoint(
          'getRun',
          { run: runId, after: lines.at(-1)?.seq ?? 0 },
          toCallOptions(context),
        )
        lines.push(...output.lines)
        if (output.lines.length === 0 || (lines.at(-1)?.seq ?? 0) >= output.run.lastLine) {
          return { ...output, lines }
        }
      }
    },
  })
}

/** The next times of a cron expression; the server says why one is invalid. */
export function nextTimesQuery(times: { cron: string; timeZone: string }) {
  return queryOptions({
    queryKey: [...keys.jobs(), 'next-times', times],
    queryFn: (context) => callEndpoint('listNextTimes', times, toCallOptions(context)),
    select: ({ nextAtMs }) => nextAtMs,
    retry: false,
  })
}

export function schedulesQuery() {
  return queryOptions({
    queryKey: [...keys.jobs(), 'schedules'],
    queryFn: (context) => callEndpoint('listSchedules', {}, toCallOptions(context)),
    select: ({ schedules }) => schedules,
  })
}
