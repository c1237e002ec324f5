import type { QueryClient } from '@tanstack/react-query'
import type { Run } from '@/lib/contract/jobs'
import { keys } from '../keys'
import { refreshLake } from './refresh-lake'
import { ENDED_RUNS_KEY, openRunsQuery, type RunWithLog, schedulesQuery } from './runs'

/** Updates runs wherever they are shown, and refetches data that does not follow from the changed runs alone. */
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
  for (const run of ended) refreshLake(client, run)
}

/** @returns the open runs in their current state, newest first, without runs that have ended */
function mergeRuns(open: readonly Run[], changed: readonly Run[]): Run[] {
  const byId = new Map([...open, ...changed].map((run) => [run.id, run]))
  return [...byId.values()]
    .filter(({ finishedAtMs }) => finishedAtMs === null)
    .toSorted((a, b) => (a.id < b.id ? 1 : -1))
}
