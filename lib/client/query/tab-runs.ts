import { useSyncExternalStore } from 'react'
import { MAX_ROWS } from '@/lib/query/engine'
import { runBeforeSignOut } from '../session/sign-out-tasks'
import { removeStoredResult } from './clear-results'
import { createQueryRunner, IDLE, loadEngine, NO_RUNS, type QueryRuns, type ResultStorage } from './query-run'

type QueryRunner = ReturnType<typeof createQueryRunner>

/** The last run of each tab, by the tab's id. Runs go on while the user is in another tab or on another page. */
const runners = new Map<string, QueryRunner>()
const listeners = new Set<() => void>()
/** Tabs with a result, least recently run first. */
let finishedIds: readonly string[] = []

let isSignedOut = false
runBeforeSignOut(() => {
  isSignedOut = true
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

/**
 * Runs a statement in a tab, in place of the last run there, and stores the results for this user.
 *
 * @param userId null while the user is unknown: then nothing is stored
 */
export async function runInTab(
  tabId: string,
  userId: string | null,
  ...[request, options]: Parameters<QueryRunner['run']>
): Promise<void> {
  const runner = runnerOf(tabId)
  await runner.run(request, {
    ...options,
    onEnd: (finished, engine) => {
      dropOldResults(tabId)
      options.onEnd(finished, engine)
    },
  })
  if (userId !== null) await storeResults(tabId, userId, runner)
}

/** Stores the results of a finished run, for as long as the tab has them. */
async function storeResults(tabId: string, userId: string, runner: QueryRunner): Promise<void> {
  const runs = runner.runs()
  // Another run has replaced this one, the tab was closed, or the user has signed out.
  if (runner.isRunning() || runners.get(tabId) !== runner || isSignedOut) return
  const storages = await import('../stored-results').then(
    ({ storeRun }) => storeRun(userId, tabId, runs),
    () => runs.states.map((): ResultStorage => ({ kind: 'refused', reason: 'no-code' })),
  )
  runner.setStorages(runs.states, storages)
}

/** Shows a stored run in a tab that has no result. */
export function restoreInTab(tabId: string, runs: QueryRuns): void {
  runnerOf(tabId).restore(runs)
  dropOldResults(tabId)
}

/** The last run of a tab. */
export function useTabRun(tabId: string, userId: string | null) {
  const runs = useSyncExternalStore(subscribe, () => runners.get(tabId)?.runs() ?? NO_RUNS, returnNoRuns)
  return {
    runs,
    /** The state of the statement that is shown. */
    state: runs.states[runs.shown] ?? IDLE,
    show: (index: number) => runners.get(tabId)?.show(index),
    run: (...run: Parameters<QueryRunner['run']>) => runInTab(tabId, userId, ...run),
    cancel: () => runners.get(tabId)?.cancel(),
  }
}

/** The ids of the tabs with a running query. */
export function useRunningTabs(): ReadonlySet<string> {
  const ids = useSyncExternalStore(subscribe, runningIds, () => '')
  return new Set(ids.split('\n').filter(Boolean))
}

/** Ends the run of a closed tab and forgets its result, the stored one too. */
export function forgetRun(tabId: string): void {
  // A failure leaves the result until it expires.
  void removeStoredResult(tabId).catch(() => undefined)
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
