import { type RefObject, useEffect } from 'react'

/** The run to whose page the form leads. */
let openedRunId: string | null = null

/** Has the page of a run begin with its heading: the button that has led there is removed with its focus. */
export function openRunPage(runId: string): void {
  openedRunId = runId
}

/** Moves the focus to the heading when the form has led to the page, and leaves it in all other visits. */
export function useOpenedRun(runId: string, heading: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    if (openedRunId !== runId) return
    openedRunId = null
    heading.current?.focus({ preventScroll: true })
  }, [runId, heading])
}
