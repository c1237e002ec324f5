'use client'
import {
  columnOrderingFeature,
  columnPinningFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  functionalUpdate,
  rowSortingFeature,
  tableFeatures,
  type Updater,
  useTable,
} from '@tanstack/react-table'
import { useEffect, useMemo, useRef } from 'react'
import { type ColumnLayout, type GridSort, MAX_COLUMN_PX, MIN_COLUMN_PX } from './column-layout'
import type { GridColumn } from './grid-cell'

const FEATURES = tableFeatures({
  columnOrderingFeature,
  columnPinningFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  rowSortingFeature,
})
/** The table arranges columns only: rows may be millions, and are read while they are visible. */
const NO_ROWS: never[] = []

/** A visible column in its position. */
export type PlacedColumn = GridColumn & {
  /** Left edge within the columns, in pixels; the row number is not included. */
  leftPx: number
  isPinned: boolean
}

/** The key of a column and its width, in pixels. */
type ColumnSize = [key: string, widthPx: number]

export type ColumnModel = {
  /** Visible columns from left to right, pinned ones first. */
  placed: readonly PlacedColumn[]
  /** Width of all visible columns, in pixels. */
  totalPx: number
  /** Starts resizing by pointer: for `onMouseDown` and `onTouchStart` of the handle. */
  startResize: (columnKey: string, event: unknown) => void
  setWidth: (columnKey: string, widthPx: number) => void
  setPinned: (columnKey: string, isPinned: boolean) => void
  hide: (columnKey: string) => void
  /** Moves a column before the visible column at `index`, or to the end, and pins it if it comes among pinned ones. */
  moveTo: (columnKey: string, index: number) => void
  /** Sorts by a column: in the given direction, or ascending, descending and no longer in turn. */
  sortBy: (columnKey: string, isDescending?: boolean) => void
}

/** The order, widths, pins and sort of columns, managed by TanStack Table. */
export function useColumnModel({
  columns,
  layout,
  onLayoutChange,
  sort,
  onSortChange,
}: {
  columns: readonly GridColumn[]
  layout: ColumnLayout
  onLayoutChange: (layout: ColumnLayout) => void
  sort: GridSort
  onSortChange: ((sort: GridSort) => void) | undefined
}): ColumnModel {
  // One action may change two parts of the layout before the next render.
  const latest = useRef(layout)
  useEffect(() => {
    latest.current = layout
  }, [layout])
  const change = (part: Partial<ColumnLayout>) => {
    latest.current = { ...latest.current, ...part }
    onLayoutChange(latest.current)
  }

  const definitions = useMemo(
    () =>
      columns.map(({ key, width }) => ({
        id: key,
        accessorFn: () => null,
        size: width,
        minSize: MIN_COLUMN_PX,
        maxSize: MAX_COLUMN_PX,
        sortDescFirst: false,
      })),
    [columns],
  )
  const state = useMemo(
    () => ({
      columnOrder: [...layout.order],
      columnPinning: { start: [...layout.pinned], end: [] },
      columnVisibility: Object.fromEntries(layout.hidden.map((key) => [key, false])),
      columnSizing: { ...layout.widths },
      sorting: sort === null ? [] : [{ id: sort.columnKey, desc: sort.isDescending }],
    }),
    [layout, sort],
  )
  const table = useTable({
    features: FEATURES,
    columns: definitions,
    data: NO_ROWS,
    state,
    manualSorting: true,
    enableMultiSort: false,
    columnResizeMode: 'onEnd',
    onColumnOrderChange: (updater: Updater<string[]>) =>
      change({ order: functionalUpdate(updater, [...latest.current.order]) }),
    onColumnPinningChange: (updater: Updater<{ start: string[]; end: string[] }>) =>
      change({ pinned: functionalUpdate(updater, { start: [...latest.current.pinned], end: [] }).start }),
    onColumnVisibilityChange: (updater: Updater<Record<string, boolean>>) => {
      const visibility = functionalUpdate(updater, Object.fromEntries(latest.current.hidden.map((key) => [key, false])))
      change({ hidden: Object.keys(visibility).filter((key) => visibility[key] === false) })
    },
    onColumnSizingChange: (updater: Updater<Record<string, number>>) => {
      const widths = functionalUpdate(updater, { ...latest.current.widths })
      change({ widths: Object.fromEntries(Object.entries(widths).map(([key, px]) => [key, clampWidth(px)])) })
    },
    onSortingChange: (updater: Updater<{ id: string; desc: boolean }[]>) => {
      const [first] = functionalUpdate(updater, state.sorting)
      onSortChange?.(first === undefined ? null : { columnKey: first.id, isDescending: first.desc })
    },
  })

  const resizing = table.state.columnResizing
  const toSize = (column: { id: string; getSize: () => number }): ColumnSize => {
    const isResizing = resizing.isResizingColumn === column.id
    const width = column.getSize()
    return [column.id, isResizing ? clampWidth(width + (resizing.deltaOffset ?? 0)) : width]
  }
  // As text: rows are drawn again only when the arrangement differs, and the table does not say so.
  const arrangement = JSON.stringify({
    pinned: table.getStartVisibleLeafColumns().map(toSize),
    others: table.getCenterVisibleLeafColumns().map(toSize),
  })
  const { placed, totalPx } = useMemo(() => placeColumns(columns, arrangement), [columns, arrangement])

  return {
    placed,
    totalPx,
    startResize: (columnKey, event) => {
      const header = table.getLeafHeaders().find(({ column }) => column.id === columnKey)
      header?.getResizeHandler()(event)
    },
    setWidth: (columnKey, widthPx) => table.setColumnSizing((old) => ({ ...old, [columnKey]: clampWidth(widthPx) })),
    setPinned: (columnKey, isPinned) => table.getColumn(columnKey)?.pin(isPinned ? 'start' : false),
    hide: (columnKey) => table.getColumn(columnKey)?.toggleVisibility(false),
    moveTo: (columnKey, index) => {
      const from = placed.findIndex(({ key }) => key === columnKey)
      const to = index > from ? index - 1 : index
      if (from < 0 || to === from) return
      const others = placed.filter(({ key }) => key !== columnKey)
      const next = others[to]
      // A column next to a pinned one is pinned, too; behind the last pinned one it keeps its state.
      const isPinned = next?.isPinned === true || (placed[from]?.isPinned === true && others[to - 1]?.isPinned === true)
      const pinned = others.filter((column) => column.isPinned).map(({ key }) => key)
      const hiddenPinned = latest.current.pinned.filter((pin) => placed.every(({ key }) => key !== pin))
      table.setColumnPinning({
        start: [...(isPinned ? pinned.toSpliced(to, 0, columnKey) : pinned), ...hiddenPinned],
        end: [],
      })
      const order = table.getAllLeafColumns().flatMap(({ id }) => (id === columnKey ? [] : [id]))
      table.setColumnOrder(order.toSpliced(next === undefined ? order.length : order.indexOf(next.key), 0, columnKey))
    },
    sortBy: (columnKey, isDescending) => table.getColumn(columnKey)?.toggleSorting(isDescending),
  }
}

function placeColumns(columns: readonly GridColumn[], arrangement: string) {
  const byKey = new Map(columns.map((column) => [column.key, column]))
  const { pinned, others } = JSON.parse(arrangement) as Record<'pinned' | 'others', ColumnSize[]>
  const placed: PlacedColumn[] = []
  let totalPx = 0
  for (const [sizes, isPinned] of [
    [pinned, true],
    [others, false],
  ] as const) {
    for (const [key, width] of sizes) {
      const column = byKey.get(key)
      if (column === undefined) continue
      placed.push({ ...column, width, leftPx: totalPx, isPinned })
      totalPx += width
    }
  }
  return { placed, totalPx }
}

function clampWidth(widthPx: number): number {
  return Math.round(Math.max(MIN_COLUMN_PX, Math.min(MAX_COLUMN_PX, widthPx)))
}
