import type { PointerEvent } from 'react'

type RowDrag = {
  fieldId: number
  /** In the order in which they are shown. */
  siblingIds: readonly number[]
  /** Receives the sibling that the column was dropped after; null: before all. */
  onDrop: (afterId: number | null) => void
}

/** Moves a column among its siblings with the pointer. Returns the handler that begins it. */
export function useRowDrag({ fieldId, siblingIds, onDrop }: RowDrag): (event: PointerEvent<HTMLElement>) => void {
  return (event) => {
    if (event.button !== 0) return
    event.preventDefault()
    event.currentTarget.focus({ preventScroll: true })
    const drag = new AbortController()
    const table = event.currentTarget.closest('table')
    let afterId: number | null | undefined
    let marked: HTMLElement | null = null
    const mark = (row: HTMLElement | null, edge: 'before' | 'after') => {
      if (marked !== row) delete marked?.dataset.drop
      marked = row
      if (row) row.dataset.drop = edge
    }
    const end = () => {
      mark(null, 'after')
      drag.abort()
    }
    const options = { signal: drag.signal }
    window.addEventListener(
      'pointermove',
      ({ clientX, clientY }) => {
        const row = document.elementFromPoint(clientX, clientY)?.closest('tr') ?? null
        const id =
          row && table?.contains(row)
            ? Number(row.querySelector<HTMLElement>('[data-field-id]')?.dataset.fieldId)
            : Number.NaN
        const index = siblingIds.indexOf(id)
        if (row === null || index < 0 || id === fieldId) {
          afterId = undefined
          mark(null, 'after')
          return
        }
        const { top, height } = row.getBoundingClientRect()
        const isBefore = clientY < top + height / 2
        const previous = siblingIds.filter((one) => one !== fieldId)
        afterId = isBefore ? (previous[previous.indexOf(id) - 1] ?? null) : id
        mark(row, isBefore ? 'before' : 'after')
      },
      options,
    )
    window.addEventListener(
      'pointerup',
      () => {
        end()
        if (afterId !== undefined) onDrop(afterId)
      },
      options,
    )
    window.addEventListener('pointercancel', end, options)
    window.addEventListener('keydown', ({ key }) => key === 'Escape' && end(), options)
  }
}
