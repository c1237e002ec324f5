'use client'
import { type RefObject, useEffectEvent, useLayoutEffect, useState } from 'react'

/** Rows that are drawn above and below the visible ones. */
const OVERSCAN_ROWS = 12
/** Until the area has been laid out, as on the server. */
const ASSUMED_AREA_PX = 800

/**
 * The rows of a scrolling list that are drawn: those in view and a few around them. `endRow` is exclusive. Rows are
 * about equally high; where they are not, only the scroll bar is inexact.
 *
 * @param options.rowCount 0 for a list that draws all its rows, and therefore does not follow the scrolling
 * @param options.headerPx height of a sticky header above the rows
 */
export function useRowWindow({
  scroller,
  rowCount,
  rowHeightPx,
  headerPx = 0,
}: {
  scroller: RefObject<HTMLElement | null>
  rowCount: number
  rowHeightPx: number
  headerPx?: number
}) {
  const [{ topPx, areaPx }, setView] = useState({ topPx: 0, areaPx: ASSUMED_AREA_PX })
  const rowAt = (px: number) => Math.floor(px / rowHeightPx)
  const readView = () => {
    const { scrollTop = 0, clientHeight = 0 } = scroller.current ?? {}
    const next = { topPx: scrollTop, areaPx: clientHeight || ASSUMED_AREA_PX }
    // The same object while the same rows are in view, so that most scrolling draws nothing.
    setView((view) => (rowAt(view.topPx) === rowAt(next.topPx) && view.areaPx === next.areaPx ? view : next))
  }
  const isFollowed = rowCount > 0
  const onViewChange = useEffectEvent(readView)
  useLayoutEffect(() => {
    const area = scroller.current
    if (area === null || !isFollowed) return undefined
    const read = () => onViewChange()
    read()
    const observer = new ResizeObserver(read)
    observer.observe(area)
    area.addEventListener('scroll', read, { passive: true })
    return () => {
      observer.disconnect()
      area.removeEventListener('scroll', read)
    }
  }, [scroller, isFollowed])
  const firstRow = Math.max(0, Math.min(rowAt(topPx), rowCount) - OVERSCAN_ROWS)
  return {
    firstRow,
    endRow: Math.min(rowCount, rowAt(topPx + areaPx) + 1 + OVERSCAN_ROWS),
    /** Scrolls a row into view, or into the middle. It is drawn with the next update. */
    scrollToRow: (row: number, align: 'nearest' | 'center' = 'nearest') => {
      const area = scroller.current
      if (area === null) return
      const heightPx = (area.clientHeight || ASSUMED_AREA_PX) - headerPx
      const rowTopPx = row * rowHeightPx
      const lowestTopPx = rowTopPx + rowHeightPx - heightPx
      const nextTopPx =
        align === 'center'
          ? rowTopPx - (heightPx - rowHeightPx) / 2
          : Math.min(rowTopPx, Math.max(area.scrollTop, lowestTopPx))
      area.scrollTo({ top: Math.max(0, nextTopPx) })
      readView()
    },
  }
}
