import { useSyncExternalStore } from 'react'
import { MAX_ROWS } from '@/lib/query/engine'
import { runBeforeSignOut } from '../session/sign-out-tasks'
import { createQueryRunner, IDLE, loadEngine, NO_RUNS, type QueryRuns } from './query-run'

type QueryRunner = ReturnType<typeof createQueryRunner>

/** The last run of each tab, by the tab's id. Runs go on while the user is in another tab or on another page. */
const runners = new Map<string, QueryRunner>()
const listeners = new Set<() => void>()
/** Tabs with a result, least recently run first. */
let finishedIds: readonly string[] = []

runBeforeSignOut(() => {
  for (const runner of runners.values()) runner.abandon()
})

function runnerOf(tabId: string): QueryRunner {
  const known = runners.get(tabId)
  if (known) return known
  const runner = createQueryRunner(loadEngine)
  runner.subscribe(() => {
    for (const listener of listeners) listener()
  })
  runners.set(tabId, runner)
  return runner
}

/** Runs a statement in a tab, in place of the last run there. */
export function runInTab(tabId: string, ...[request, options]: Parameters<QueryRunner['run']>): Promise<void> {
  return runnerOf(tabId).run(request, {
    ...options,
    onEnd: (finished, engine) => {
      dropOldResults(tabId)
      options.onEnd(finished, engine)
    },
  })
}

/** The last run of a tab. */
export function useTabRun(tabId: string) {
  const runs = useSyncExternalStore(subscribe, () => runners.get(tabId)?.runs() ?? NO_RUNS, returnNoRuns)
  return {
    runs,
    /** The state of the statement that is shown. */
    state: runs.states[runs.shown] ?? IDLE,
    show: (index: number) => runners.get(tabId)?.show(index),
    run: (...run: Parameters<QueryRunner['run']>) => runInTab(tabId, ...run),
    cancel: () => runners.get(tabId)?.cancel(),
  }
}

/** The ids of the tabs with a running query. */
export function useRunningTabs(): ReadonlySet<string> {
  const ids = useSyncExternalStore(subscribe, runningIds, () => '')
  return new Set(ids.split('\n').filter(Boolean))
}

/** Ends the run of a closed tab and forgets its result. */
export function forgetRun(tabId: string): void {
  runners.get(tabId)?.cancel()
  runners.delete(tabId)
  finishedIds = finishedIds.filter((id) => id !== tabId)
}

/** Results are held in memory: results of other tabs are dropped, the oldest first, once they have too many rows. */
function dropOldResults(tabId: string): void {
  // The tab may have been closed meanwhile.
  if (!runners.has(tabId)) return
  finishedIds = [...finishedIds.filter((id) => id !== tabId), tabId]
  let rows = runners.get(tabId)?.rowCount() ?? 0
  for (const id of finishedIds.toReversed()) {
    if (id === tabId) continue
    const runner = runners.get(id)
    rows += runner?.rowCount() ?? 0
    if (rows > MAX_ROWS) runner?.drop()
  }
}

function runningIds(): string {
  return [...runners]
    .filter(([, runner]) => runner.isRunning())
    .map(([id]) => id)
    .join('\n')
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function returnNoRuns(): QueryRuns {
  return NO_RUNS
}
