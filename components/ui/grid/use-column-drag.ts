'use client'
import { type PointerEvent, useRef, useState } from 'react'
import type { PlacedColumn } from './use-column-model'

/** A shorter movement is a click. */
const MIN_DRAG_PX = 6

/**
 * Moves columns by dragging their headers with a mouse or a pen. A finger scrolls instead; the menu of a column moves
 * it, too.
 *
 * @param options.positionAt the position in the columns of an x in the window, in pixels; sticky columns count as drawn
 */
export function useColumnDrag({
  placed,
  positionAt,
  onMove,
}: {
  placed: readonly PlacedColumn[]
  positionAt: (clientX: number) => number
  onMove: (columnKey: string, index: number) => void
}) {
  const [dropIndex, setDropIndex] = useState<number | null>(null)
  const wasDragged = useRef(false)

  const start = (event: PointerEvent<HTMLElement>, header: HTMLElement | null, columnKey: string | undefined) => {
    wasDragged.current = false
    if (header === null || columnKey === undefined || event.pointerType === 'touch' || event.button !== 0) return
    const startX = event.clientX
    let index: number | null = null
    const onPointerMove = (move: globalThis.PointerEvent) => {
      if (index === null && Math.abs(move.clientX - startX) < MIN_DRAG_PX) return
      if (index === null && move.pointerId !== undefined) header.setPointerCapture?.(move.pointerId)
      const atPx = positionAt(move.clientX)
      const next = placed.findIndex(({ leftPx, width }) => atPx < leftPx + width / 2)
      index = next < 0 ? placed.length : next
      setDropIndex(index)
    }
    const end = (endEvent: Event) => {
      header.ownerDocument.removeEventListener('pointermove', onPointerMove)
      header.ownerDocument.removeEventListener('pointerup', end)
      header.ownerDocument.removeEventListener('pointercancel', end)
      setDropIndex(null)
      if (index === null) return
      wasDragged.current = true
      if (endEvent.type === 'pointerup') onMove(columnKey, index)
    }
    header.ownerDocument.addEventListener('pointermove', onPointerMove)
    header.ownerDocument.addEventListener('pointerup', end)
    header.ownerDocument.addEventListener('pointercancel', end)
  }
  return {
    /** The drop position: before the column at this index. Null while no column is dragged. */
    dropIndex,
    /** For every press in the grid; `header` is null if it is not on a header. */
    start,
    /** Whether the click that follows the press is the end of a drag. */
    isDragClick: () => wasDragged.current,
  }
}
