/**
 * Says in the local storage whose results are in this browser, and until when, so that a page without any opens no
 * database and loads no code for them.
 */
const MARKER_KEY = 'lakeshore.query-results'

/** How long the result of a tab stays in this browser. */
export const STORED_RESULT_MS = 24 * 60 * 60 * 1000
/** The most bytes of the results of one run that are stored. */
export const MAX_STORED_RUN_BYTES = 32 * 1024 * 1024

type Marker = { userId: string; untilMs: number }

/** The user whose results are stored; null without any, and when the browser blocks its storage. */
export function readStoredMarker(): Marker | null {
  try {
    const [untilMs, userId = ''] = localStorage.getItem(MARKER_KEY)?.split(' ') ?? []
    return untilMs === undefined ? null : { userId, untilMs: Number(untilMs) }
  } catch {
    return null
  }
}

/** @param marker null once there are no results */
export function writeStoredMarker(marker: Marker | null): void {
  try {
    if (marker === null) localStorage.removeItem(MARKER_KEY)
    else localStorage.setItem(MARKER_KEY, `${marker.untilMs} ${marker.userId}`)
  } catch {
    // The browser's storage is full or blocked: the results are not found again, and expire.
  }
}

/** Whether a result of this user may be stored here. */
export function mightHaveStoredResults(userId: string | null): boolean {
  return userId !== null && readStoredMarker()?.userId === userId
}
