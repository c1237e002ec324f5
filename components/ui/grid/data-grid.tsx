'use client'
import {
  type ClipboardEvent,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  type Ref,
  useEffect,
  useId,
  useImperativeHandle,
  useRef,
  useState,
} from 'react'
import classes from './data-grid.module.css'
import { type Cell, cellId, type GridColumn, ROW_HEIGHT_PX } from './grid-cell'
import { GridRow } from './grid-row'
import { useScaledScroll } from './use-scaled-scroll'
import { type CellPosition, cellAfterKey, rangeBetween } from './grid-selection'

export type { Cell, GridColumn } from './grid-cell'

export type GridHandle = {
  /** Scrolls a row (from 0) into the middle, makes it active and focuses it. */
  goToRow(row: number): void
}

/** Rows and columns on screen; `lastRow` is exclusive. */
export type GridRange = { firstRow: number; lastRow: number; columnKeys: readonly string[] }

export type DataGridProps = {
  /** Accessible name, for example `Rows`. */
  label: string
  rowCount: number
  columns: readonly GridColumn[]
  /** Returns a cell, or undefined while it is being read. Called for visible cells on each render. */
  cell: (row: number, columnKey: string) => Cell | undefined
  /** Called on the first render and when other rows or columns become visible. */
  onRangeChange?: (range: GridRange) => void
  /** Called when a nested cell is opened by click or Enter; `anchor` is its element. */
  onCellOpen?: (row: number, columnKey: string, anchor: HTMLElement) => void
  /** Called when a row is opened by its number (click, Enter) or by Shift+Enter. */
  onRowOpen?: (row: number, anchor: HTMLElement) => void
  /** Row (from 0) whose details are open; it is highlighted. */
  openRow?: number | null
  /** Shown instead of rows when there are none. */
  empty?: ReactNode
  /** For *Go to row*. */
  handle?: Ref<GridHandle>
}

const HEADER_HEIGHT_PX = 44
const OVERSCAN_ROWS = 4
/** A larger selection is not copied. */
const MAX_COPIED_CELLS = 200_000

/**
 * A grid for any number of rows, virtualised in both directions, with the keys and roles of the ARIA grid pattern. It
 * calls `cell` on each render, so a caller updates the grid by passing a new `cell`.
 */
export function DataGrid({
  label,
  rowCount,
  columns,
  cell,
  onRangeChange,
  onCellOpen,
  onRowOpen,
  openRow = null,
  empty,
  handle,
}: DataGridProps) {
  const gridId = useId()
  const { topPx, leftPx, heightPx, widthPx, scrollAreaPx, scrollTo, scrollToLeft, scroller } = useScaledScroll({
    contentPx: rowCount * ROW_HEIGHT_PX,
    headerPx: HEADER_HEIGHT_PX,
  })
  const [chosenActive, setActive] = useState<CellPosition>({ row: 0, column: 1 })
  const [anchor, setAnchor] = useState<CellPosition | null>(null)
  const [announcement, setAnnouncement] = useState('')
  const pendingFocus = useRef<CellPosition | null>(null)

  const active = {
    row: Math.min(chosenActive.row, Math.max(0, rowCount - 1)),
    column: Math.min(chosenActive.column, columns.length),
  }
  const selection = rangeBetween(anchor ?? active, active)
  // The page's gutter, the widest number in tabular figures, and the padding of a cell.
  const rowNumberPx = Math.max(54, 20 + rowCount.toLocaleString('en-US').length * 7.5 + 10)
  const lefts = columnLefts(columns, rowNumberPx)
  const totalPx = lefts[columns.length] ?? rowNumberPx

  const firstRow = Math.max(0, Math.floor(topPx / ROW_HEIGHT_PX) - OVERSCAN_ROWS)
  const lastRow = Math.min(rowCount, Math.ceil((topPx + heightPx) / ROW_HEIGHT_PX) + OVERSCAN_ROWS)
  const visibleColumns = columns
    .map((_, i) => i)
    .filter((i) => {
      const left = lefts[i] ?? 0
      return left + (columns[i]?.width ?? 0) > leftPx + rowNumberPx - 80 && left < leftPx + widthPx + 80
    })
  const columnKeys = visibleColumns.map((i) => columns[i]?.key ?? '')
  const rangeKey = `${firstRow}:${lastRow}:${columnKeys.join('\x1F')}`

  const reportedRangeKey = useRef('')
  useEffect(() => {
    if (heightPx === 0 || rangeKey === reportedRangeKey.current) return
    reportedRangeKey.current = rangeKey
    onRangeChange?.({ firstRow, lastRow, columnKeys })
  })

  useEffect(() => {
    // An effect of the previous render may run only now, with the previous cell.
    if (pendingFocus.current === null || pendingFocus.current !== chosenActive) return
    pendingFocus.current = null
    document.getElementById(cellId(gridId, active))?.focus({ preventScroll: true })
  })

  const reveal = ({ row, column }: CellPosition) => {
    const rowTop = row * ROW_HEIGHT_PX
    if (rowTop < topPx) scrollTo(rowTop)
    else if (rowTop + ROW_HEIGHT_PX > topPx + heightPx) scrollTo(rowTop + ROW_HEIGHT_PX - heightPx)
    const width = columns[column - 1]?.width
    if (width === undefined) return
    const left = lefts[column - 1] ?? 0
    if (left - rowNumberPx < leftPx) scrollToLeft(left - rowNumberPx)
    else if (left + width > leftPx + widthPx) scrollToLeft(left + width - widthPx)
  }

  const moveTo = (to: CellPosition, extend: boolean) => {
    setAnchor(extend ? (anchor ?? active) : null)
    setActive(to)
    pendingFocus.current = to
    reveal(to)
  }

  useImperativeHandle(handle, () => ({
    goToRow(row) {
      const to = { row: Math.min(Math.max(0, row), Math.max(0, rowCount - 1)), column: active.column }
      setAnchor(null)
      setActive(to)
      pendingFocus.current = to
      scrollTo(to.row * ROW_HEIGHT_PX - (heightPx - ROW_HEIGHT_PX) / 2)
    },
  }))

  const openCell = (position: CellPosition, element: HTMLElement) => {
    const column = columns[position.column - 1]
    if (column === undefined) onRowOpen?.(position.row, element)
    else if (cell(position.row, column.key)?.kind === 'nested') onCellOpen?.(position.row, column.key, element)
  }

  const onClick = (event: MouseEvent<HTMLDivElement>) => {
    const element = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-row]') : null
    if (!element) return
    const position = cellAtElement(element)
    setAnchor(event.shiftKey ? (anchor ?? active) : null)
    setActive(position)
    if (!event.shiftKey) openCell(position, element)
  }

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (rowCount === 0 || event.altKey) return
    const element = document.getElementById(cellId(gridId, active))
    if (event.key === 'Enter' && element) {
      event.preventDefault()
      if (event.shiftKey) onRowOpen?.(active.row, element)
      else openCell(active, element)
      return
    }
    const ctrl = event.ctrlKey || event.metaKey
    if (ctrl && event.key === 'a') {
      event.preventDefault()
      setAnchor({ row: 0, column: 1 })
      setActive({ row: rowCount - 1, column: columns.length })
      return
    }
    const pageRows = Math.max(1, Math.floor(heightPx / ROW_HEIGHT_PX) - 1)
    const to = cellAfterKey(event.key, ctrl, active, { rowCount, columnCount: columns.length + 1, pageRows })
    if (!to) return
    event.preventDefault()
    moveTo(to, event.shiftKey)
  }

  const onCopy = (event: ClipboardEvent) => {
    event.preventDefault()
    const from = Math.max(1, selection.firstColumn)
    const to = selection.firstColumn === 0 ? columns.length : selection.lastColumn
    const lines = selection.lastRow - selection.firstRow + 1
    if (lines * (to - from + 1) > MAX_COPIED_CELLS) {
      setAnnouncement(
        `Not copied: ${lines.toLocaleString('en-US')} rows are too many to copy at once. Select fewer rows.`,
      )
      return
    }
    const text = toTsv(columns.slice(from - 1, to), selection.firstRow, selection.lastRow, cell)
    if (text === null) {
      setAnnouncement('Not copied: some of the selected rows have not been read yet. Scroll through them first.')
      return
    }
    event.clipboardData.setData('text/plain', text)
    setAnnouncement(`${lines.toLocaleString('en-US')} ${lines === 1 ? 'row' : 'rows'} copied.`)
  }

  const rows: number[] = []
  for (let row = firstRow; row < lastRow; row++) rows.push(row)
  // The active row stays in the document, so that the focus is not lost when it is scrolled away.
  if (rowCount > 0 && heightPx > 0 && (active.row < firstRow || active.row >= lastRow)) rows.push(active.row)

  return (
    <div className={classes.frame}>
      <div ref={scroller} className={classes.scroller}>
        <div
          role="grid"
          tabIndex={-1}
          aria-label={label}
          aria-rowcount={rowCount + 1}
          aria-colcount={columns.length + 1}
          aria-multiselectable
          className={classes.area}
          style={{ height: scrollAreaPx + HEADER_HEIGHT_PX, width: Math.max(totalPx, widthPx) }}
          onKeyDown={onKeyDown}
          onCopy={onCopy}
          onClick={onClick}
          // The active cell may have been scrolled away before it gets the focus back.
          onFocus={({ target }) => 'row' in target.dataset && reveal(cellAtElement(target))}
        >
          <div role="row" aria-rowindex={1} className={classes.header} style={{ height: HEADER_HEIGHT_PX }}>
            <div role="columnheader" aria-colindex={1} className={classes.numberHeader} style={{ width: rowNumberPx }}>
              #
            </div>
            {columns.map((column, i) => (
              <div
                key={column.key}
                role="columnheader"
                aria-colindex={i + 2}
                className={classes.columnHeader}
                data-align={column.align}
                style={{ left: lefts[i], width: column.width }}
                title={`${column.name} ${column.typeLabel}`}
              >
                <span className={classes.name}>{column.name}</span>
                <span className={classes.type}>
                  <code>{column.typeLabel}</code>
                  {column.note === undefined ? null : <span className={classes.note}>{column.note}</span>}
                </span>
              </div>
            ))}
          </div>
          <div role="rowgroup" className={classes.body} style={{ top: HEADER_HEIGHT_PX, height: heightPx }}>
            {rows.map((row) => (
              <GridRow
                key={row}
                gridId={gridId}
                row={row}
                offsetPx={row * ROW_HEIGHT_PX - topPx}
                columns={columns}
                visibleColumns={
                  row === active.row ? includeColumn(visibleColumns, active.column - 1, columns.length) : visibleColumns
                }
                lefts={lefts}
                rowNumberPx={rowNumberPx}
                cell={cell}
                active={active}
                selection={anchor === null ? null : selection}
                isOpen={row === openRow}
              />
            ))}
          </div>
        </div>
        {rowCount === 0 ? <div className={classes.empty}>{empty}</div> : null}
      </div>
      <p className="sr-only" role="status">
        {announcement}
      </p>
    </div>
  )
}

function cellAtElement(element: HTMLElement): CellPosition {
  return { row: Number(element.dataset.row), column: Number(element.dataset.column) }
}

/** Left edge of every column in pixels, followed by the total width. */
function columnLefts(columns: readonly GridColumn[], rowNumberPx: number): number[] {
  const lefts = [rowNumberPx]
  for (const column of columns) lefts.push((lefts.at(-1) ?? 0) + column.width)
  return lefts
}

function includeColumn(visibleColumns: readonly number[], column: number, columnCount: number): readonly number[] {
  return column < 0 || column >= columnCount || visibleColumns.includes(column)
    ? visibleColumns
    : [...visibleColumns, column].sort((a, b) => a - b)
}

/** Tab-separated text, with a header line for more than one cell. Null when a cell has not been read yet. */
function toTsv(
  columns: readonly GridColumn[],
  firstRow: number,
  lastRow: number,
  cell: DataGridProps['cell'],
): string | null {
  const lines: string[] = []
  if (columns.length > 1 || lastRow > firstRow) lines.push(columns.map((column) => toTsvField(column.name)).join('\t'))
  for (let row = firstRow; row <= lastRow; row++) {
    const fields: string[] = []
    for (const column of columns) {
      const value = cell(row, column.key)
      if (value === undefined) return null
      fields.push(value.kind === 'null' || value.kind === 'empty' ? '' : toTsvField(value.copyText ?? value.text))
    }
    lines.push(fields.join('\t'))
  }
  return lines.join('\n')
}

function toTsvField(text: string): string {
  return /[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
