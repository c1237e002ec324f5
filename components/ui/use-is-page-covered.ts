import { useSyncExternalStore } from 'react'

/** As in the style of side panels. */
const COVERS_PAGE = '(max-width: 47.99em)'

/** Whether the window is so narrow that a side panel covers the page. */
export function isPageCovered(): boolean {
  return window.matchMedia(COVERS_PAGE).matches
}

/** The same as the window changes. False on the server and while the page is hydrated. */
export function useIsPageCovered(): boolean {
  return useSyncExternalStore(subscribe, isPageCovered, () => false)
}

function subscribe(onChange: () => void): () => void {
  const query = window.matchMedia(COVERS_PAGE)
  query.addEventListener('change', onChange)
  return () => query.removeEventListener('change', onChange)
}
