'use client'
import { useEffect, useMemo, useRef, useState } from 'react'
import { ROW_HEIGHT_PX } from './grid-cell'
import type { CellPosition } from './grid-selection'
import { isNarrowGrid, rowNumberWidthPx } from './row-number-width'
import type { ColumnModel } from './use-column-model'
import { useScaledScroll } from './use-scaled-scroll'

/** Rows and columns on screen; `lastRow` is exclusive. */
export type GridRange = {
  firstRow: number
  lastRow: number
  /** The first row that is not hidden below the header. */
  topRow: number
  columnKeys: readonly string[]
}

export const HEADER_HEIGHT_PX = 44
/** The line of filters below the names of the columns. */
export const FILTER_HEIGHT_PX = 32
const OVERSCAN_ROWS = 4
const OVERSCAN_PX = 80
/** Pinned columns take at most this share of the width. Further ones scroll, so that others can be seen. */
const MAX_PINNED_SHARE = 0.6

/** The drawn rows and columns of a grid, their positions, and scrolling a cell into view. */
export function useGridWindow({
  model: { placed, totalPx: columnsPx },
  rowCount,
  headerPx,
  initialTopRow,
  onRangeChange,
}: {
  model: ColumnModel
  rowCount: number
  headerPx: number
  initialTopRow: number
  onRangeChange: ((range: GridRange) => void) | undefined
}) {
  const { topPx, leftPx, heightPx, widthPx, scrollAreaPx, scrollTo, scrollToLeft, scroller } = useScaledScroll({
    contentPx: rowCount * ROW_HEIGHT_PX,
    headerPx,
    initialTopPx: initialTopRow * ROW_HEIGHT_PX,
  })
  const topRow = Math.floor(topPx / ROW_HEIGHT_PX)
  const firstRow = Math.max(0, topRow - OVERSCAN_ROWS)
  const lastRow = Math.min(rowCount, Math.ceil((topPx + heightPx) / ROW_HEIGHT_PX) + OVERSCAN_ROWS)
  // As wide as the rows that were drawn need, and not as those of a million more. It does not shrink again, so that
  // columns do not move to and fro.
  const [lastNumber, setLastNumber] = useState(lastRow)
  if (lastRow > lastNumber) setLastNumber(lastRow)
  const rowNumberPx = rowNumberWidthPx(lastNumber, widthPx)
  const maxPinnedPx = Math.max(0, widthPx * MAX_PINNED_SHARE - rowNumberPx)
  const stickyCount = placed.filter(({ isPinned, leftPx, width }) => isPinned && leftPx + width <= maxPinnedPx).length
  const lastSticky = placed[stickyCount - 1]
  const stickyPx = rowNumberPx + (lastSticky ? lastSticky.leftPx + lastSticky.width : 0)

  const drawnKey = placed
    .flatMap((column, i) => {
      const left = rowNumberPx + column.leftPx
      const isInView = left + column.width > leftPx + stickyPx - OVERSCAN_PX && left < leftPx + widthPx + OVERSCAN_PX
      return column.isPinned || isInView ? [i] : []
    })
    .join(' ')
  // The same list while the same columns are in view, so that rows are not drawn again.
  const drawnColumns = useMemo(() => (drawnKey === '' ? [] : drawnKey.split(' ').map(Number)), [drawnKey])
  const columnKeys = drawnColumns.map((i) => placed[i]?.key ?? '')
  const rangeKey = `${topRow}:${firstRow}:${lastRow}:${columnKeys.join('\x1F')}`

  const reportedRangeKey = useRef('')
  useEffect(() => {
    if (heightPx === 0 || rangeKey === reportedRangeKey.current) return
    reportedRangeKey.current = rangeKey
    onRangeChange?.({ firstRow, lastRow, topRow, columnKeys })
  })

  const showGrid = () => scroller.current?.scrollIntoView?.({ block: 'nearest' })
  return {
    /** Ref of the scrolling element. */
    scroller,
    topPx,
    heightPx,
    widthPx,
    isNarrow: isNarrowGrid(widthPx),
    /** Size of everything that scrolls, header and row numbers included. */
    areaHeightPx: scrollAreaPx + headerPx,
    headerPx,
    areaWidthPx: Math.max(rowNumberPx + columnsPx, widthPx),
    rowNumberPx,
    /** Pinned columns that stay at the left. */
    stickyCount,
    firstRow,
    lastRow,
    drawnColumns,
    pageRows: Math.max(1, Math.floor(heightPx / ROW_HEIGHT_PX) - 1),
    /** The position in the columns of an x in the window, in pixels; sticky columns count as drawn. */
    columnPositionAt: (clientX: number) => {
      const x = clientX - (scroller.current?.getBoundingClientRect().left ?? 0)
      return x < stickyPx ? x - rowNumberPx : x + leftPx - rowNumberPx
    },
    reveal: ({ row, column }: CellPosition) => {
      const rowTop = row * ROW_HEIGHT_PX
      if (row >= 0 && rowTop < topPx) scrollTo(rowTop)
      else if (rowTop + ROW_HEIGHT_PX > topPx + heightPx) scrollTo(rowTop + ROW_HEIGHT_PX - heightPx)
      const placedColumn = placed[column - 1]
      if (placedColumn === undefined || column - 1 < stickyCount) return
      const left = rowNumberPx + placedColumn.leftPx
      if (left - stickyPx < leftPx) scrollToLeft(left - stickyPx)
      else if (left + placedColumn.width > leftPx + widthPx) scrollToLeft(left + placedColumn.width - widthPx)
    },
    /** Scrolls a row into the middle, and the grid into the page. */
    centerRow: (row: number) => {
      scrollTo(row * ROW_HEIGHT_PX - (heightPx - ROW_HEIGHT_PX) / 2)
      showGrid()
    },
    moveUp: (removedRows: number) => scrollTo(Math.max(0, topPx - removedRows * ROW_HEIGHT_PX)),
    showGrid,
  }
}

export type GridWindow = Omit<ReturnType<typeof useGridWindow>, 'scroller'>
