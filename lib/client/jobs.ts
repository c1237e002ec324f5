import {
  infiniteQueryOptions,
  keepPreviousData,
  type QueryClient,
  queryOptions,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query'
import type { Run, RunGroup, RunLogLine } from '@/lib/contract/jobs'
import { AppError } from '@/lib/errors'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { keys } from './keys'
import { toCallOptions } from './call/retry'
import { useSingleMutation } from './call/use-single-mutation'

const OPEN_RUNS_KEY = [...keys.jobs(), 'open']
const ENDED_RUNS_KEY = [...keys.jobs(), 'ended']
const MAX_OPEN_RUNS = 200
const POLL_INTERVAL_MS = { busy: 5_000, idle: 20_000 } as const

export type RunWithLog = { run: Run; lines: readonly RunLogLine[] }

/** Runs that wait or are in progress, newest first. */
export function openRunsQuery() {
  return queryOptions({
    queryKey: OPEN_RUNS_KEY,
    queryFn: (context) => callEndpoint('listRuns', { state: 'open', limit: MAX_OPEN_RUNS }, toCallOptions(context)),
  })
}

/**
 * The number of running runs that the user may read. It is polled while the page is visible, rarely while it is zero,
 * and updated at once while runs are watched. Undefined before the first response.
 */
export function useRunningCount(): { count: number | undefined; isStale: boolean } {
  const { data, isError } = useQuery({
    ...openRunsQuery(),
    select: ({ runs }) => countRunning(runs),
    refetchInterval: ({ state: { data: open, error } }) => {
      // The page itself reports that the session has ended.
      if (error instanceof AppError && error.code === 'unauthenticated') return false
      return POLL_INTERVAL_MS[open !== undefined && countRunning(open.runs) > 0 ? 'busy' : 'idle']
    },
  })
  return { count: data, isStale: isError }
}

function countRunning(runs: readonly Run[]): number {
  return runs.filter(({ state }) => state === 'running').length
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
      marks: pages.flatMap(({ marks }) => marks),
      kinds: pages[0]?.kinds ?? [],
    }),
  })
}

/** One run with its whole log: loaded lines are kept, and only newer lines are fetched. */
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
          return { run: output.run, lines }
        }
      }
    },
  })
}

export function schedulesQuery() {
  return queryOptions({
    queryKey: [...keys.jobs(), 'schedules'],
    queryFn: (context) => callEndpoint('listSchedules', {}, toCallOptions(context)),
    select: ({ schedules }) => schedules,
  })
}

/** Updates runs wherever they are shown, and refetches what the changed runs alone do not determine. */
export function applyRunUpdates(client: QueryClient, runs: readonly Run[]): void {
  for (const run of runs) {
    const known = client.getQueryData<RunWithLog>(keys.run(run.id))
    if (!known) continue
    client.setQueryData<RunWithLog>(keys.run(run.id), { ...known, run })
    if (run.lastLine > (known.lines.at(-1)?.seq ?? 0)) void client.invalidateQueries({ queryKey: keys.run(run.id) })
  }
  client.setQueryData(openRunsQuery().queryKey, (open) => open && { ...open, runs: mergeRuns(open.runs, runs) })
  if (runs.some(({ scheduleId }) => scheduleId !== null)) {
    void client.invalidateQueries({ queryKey: schedulesQuery().queryKey })
  }
  const ended = runs.filter(({ finishedAtMs }) => finishedAtMs !== null)
  if (ended.length > 0) void client.invalidateQueries({ queryKey: ENDED_RUNS_KEY })
  for (const { state, place: table } of ended) {
    if (state === 'succeeded' && table) void client.invalidateQueries({ queryKey: keys.table(table) })
  }
}

/** @returns the open runs in their current state, newest first, without those that have ended */
function mergeRuns(open: readonly Run[], changed: readonly Run[]): Run[] {
  const byId = new Map([...open, ...changed].map((run) => [run.id, run]))
  return [...byId.values()]
    .filter(({ finishedAtMs }) => finishedAtMs === null)
    .toSorted((a, b) => (a.id < b.id ? 1 : -1))
}

export function useCancelRun() {
  return useJobsMutation((runId: string) => callEndpoint('cancelRun', { run: runId }))
}

export function useRetryRun() {
  return useJobsMutation((runId: string) => callEndpoint('retryRun', { run: runId }))
}

export type ScheduleChange = { schedule: string; isEnabled?: boolean; cron?: string; timeZone?: string }

export function useSetSchedule() {
  return useJobsMutation((change: ScheduleChange) => callEndpoint('setSchedule', change))
}

export function useRunSchedule() {
  return useJobsMutation((schedule: string) => callEndpoint('runSchedule', { schedule }))
}

function useJobsMutation<Input, Output>(mutationFn: (input: Input) => Promise<Output>) {
  const client = useQueryClient()
  return useSingleMutation({ mutationFn, onSettled: () => client.invalidateQueries({ queryKey: keys.jobs() }) })
}
