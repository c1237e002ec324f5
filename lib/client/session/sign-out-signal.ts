import { runSignOutTasks } from './sign-out-tasks'

/** In the session storage, which each browser tab has of its own and keeps across reloads. */
export const TABS_KEY = 'lakeshore.query-tabs'
const SIGNED_OUT_KEY = 'lakeshore.signed-out-at'

/** Makes all other open tabs of this browser forget the user's query and leave. */
export function signalSignOut(): void {
  try {
    localStorage.setItem(SIGNED_OUT_KEY, String(Date.now()))
  } catch {
    // The browser's storage is full or blocked. The other tabs ask to sign in at their next request.
  }
}

/** Calls `leave` once another tab has signed out, also when the browser restores the page from its cache later. */
export function onSignOutElsewhere(leave: () => void): () => void {
  const known = readSignOutSignal()
  const check = () => {
    if (readSignOutSignal() === known) return
    stop()
    runSignOutTasks()
    sessionStorage.removeItem(TABS_KEY)
    leave()
  }
  const stop = () => {
    window.removeEventListener('storage', check)
    window.removeEventListener('pageshow', check)
  }
  window.addEventListener('storage', check)
  window.addEventListener('pageshow', check)
  return stop
}

/** Another value than before means that a tab of this browser has signed out meanwhile. */
export function readSignOutSignal(): string | null {
  try {
    return localStorage.getItem(SIGNED_OUT_KEY)
  } catch {
    return null
  }
}
