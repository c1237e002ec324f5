import { vi } from 'vitest'

/** How long a page waits for the data of its first view (`app/first-view.tsx`). */
const TIME_BUDGET_MS = 400

/**
 * Stops the time in which pages get their data, until the end of the test file: on a busy machine their queries may take
 * longer. Other timers run as usual.
 *
 * @returns lets the time of the newest page end
 */
export function holdTimeBudget(): () => void {
  const { setTimeout: start } = globalThis
  let endNewest = () => {}
  const startUnlessBudget = (work: () => void, ms?: number, ...more: []) => {
    if (ms !== TIME_BUDGET_MS) return start(work, ms, ...more)
    endNewest = work
    return null
  }
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(startUnlessBudget as typeof setTimeout)
  return () => endNewest()
}
