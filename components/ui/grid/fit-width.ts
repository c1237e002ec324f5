/** Padding of a cell and room for the resize handle, in pixels. */
const PADDING_PX = 21

/** The width in pixels that fits the header and the drawn cells of a column; null if none are drawn. */
export function fitWidth(grid: HTMLElement, column: number): number | null {
  let maxPx = 0
  const range = document.createRange()
  // Names are not shortened meanwhile.
  grid.dataset.measured = ''
  for (const element of grid.querySelectorAll(`[data-column="${column}"]`)) {
    const boxes = element.getAttribute('role') === 'columnheader' ? element.querySelectorAll('[data-fit]') : [element]
    for (const box of boxes) {
      range.selectNodeContents(box)
      maxPx = Math.max(maxPx, range.getBoundingClientRect().width)
    }
  }
  delete grid.dataset.measured
  return maxPx === 0 ? null : Math.ceil(maxPx) + PADDING_PX
}
