import { readStoredMarker } from './stored-result-marker'

/** Removes the results of all users. */
export async function clearResults(): Promise<void> {
  if (readStoredMarker() === null) return
  const { clearStoredResults } = await import('../stored-results')
  await clearStoredResults()
}

/** Removes results that are another user's or too old. Called when a page of the console opens. */
export async function clearOutdatedResults(userId: string): Promise<void> {
  const marker = readStoredMarker()
  if (marker !== null && (marker.userId !== userId || marker.untilMs <= Date.now())) await clearResults()
}

/** Removes the result of a closed tab. */
export async function removeStoredResult(tabId: string): Promise<void> {
  const marker = readStoredMarker()
  if (marker === null) return
  const { removeStoredRun } = await import('../stored-results')
  await removeStoredRun(marker.userId, tabId)
}
