import { afterAll, beforeAll } from 'vitest'

/**
 * Has changes of the selection reported in a task of their own, as browsers do (Selection API,
 * *scheduleSelectionchange*). happy-dom reports them within the change, and an SQL editor that moves the selection
 * while it draws does not allow that.
 */
export function deferSelectionChanges(): void {
  let isReport = false
  const reports = new Set<NodeJS.Timeout>()
  const defer = (event: Event) => {
    if (isReport) return
    event.stopImmediatePropagation()
    const report = setTimeout(() => {
      reports.delete(report)
      isReport = true
      document.dispatchEvent(new Event('selectionchange'))
      isReport = false
    })
    reports.add(report)
  }
  beforeAll(() => document.addEventListener('selectionchange', defer))
  afterAll(() => {
    document.removeEventListener('selectionchange', defer)
    for (const report of reports) clearTimeout(report)
  })
}
