import type { Locator, Page } from '@playwright/test'

/** How many of the elements are in view as a whole, and not covered by others. */
export function countUncovered(elements: Locator): Promise<number> {
  return elements.evaluateAll(
    (all) =>
      all.filter((element) => {
        const { top, bottom, left } = element.getBoundingClientRect()
        const middle = document.elementFromPoint(left + 4, (top + bottom) / 2)
        return top >= 0 && bottom <= innerHeight && middle !== null && element.contains(middle)
      }).length,
  )
}

/** How many rows of a grid are in view. */
export function countVisibleRows(page: Page, grid: string): Promise<number> {
  return countUncovered(page.getByRole('grid', { name: grid, exact: true }).getByRole('rowheader'))
}
