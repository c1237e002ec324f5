'use client'
import { IconChevronRight } from '@tabler/icons-react'
import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useEffectEvent,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import classes from './data-table.module.css'
import { SortHeader } from './sort-header'
import type { Listing } from './listing'
import type { Sort, SortKey, Sorting } from './table-sort'
import { useHiddenColumns } from './use-hidden-columns'
import { useRowWindow } from './use-row-window'
import { useSortedRows } from './use-sorted-rows'

export type Column<Row> = {
  id: string
  /** Empty for a column of buttons, which stays at the right edge while the table scrolls sideways. */
  header: string
  /** Tooltip of the header. */
  headerTitle?: string
  /** `end` for numbers; also applies to the header. */
  align?: 'start' | 'end'
  /** In pixels. By default the column fits its content. */
  width?: number
  /** In pixels, in long tables only and instead of `width`: they render visible rows only, so their columns do not fit their content. */
  longTableWidth?: number
  /** Takes the width that the other columns leave, and ends in an ellipsis: for names, one column per table. */
  fills?: boolean
  /** Hidden in narrow tables: for columns that matter least or that are shown elsewhere too. */
  wideOnly?: boolean
  /** Hidden in tables below 860 px: for columns that matter least, or that the name cell repeats in less room. */
  roomyOnly?: boolean
  /** Hidden in cards, all or some: for columns that matter least or that only make sense in a table. */
  tableOnly?: boolean | ((row: Row) => boolean)
  /** In cards at the end of the name's line: for one small button. */
  endsNameLine?: boolean
  /** Font weight: 600 for the main figure, 500 for the name. */
  weight?: 'name' | 'figure'
  cell: (row: Row) => ReactNode
  /** Sort key; without it the column is not sortable. Null sorts last in both directions. */
  sortBy?: (row: Row) => SortKey
}

type DataTableProps<Row> = {
  /** Accessible name. */
  label: string
  columns: readonly Column<Row>[]
  /** A list that is read page by page is a `Listing`: until it is whole, only the server can sort it. */
  rows: readonly Row[] | Listing<Row>
  rowKey: (row: Row) => string
  /** Rows that stay at the end in every order, such as a total. Not for long tables. */
  lastRows?: readonly Row[]
  initialSort?: Sort
  /** The sort order, if the page keeps it in its URL (see `useSortInUrl`). By default the table keeps it. */
  sorting?: Sorting
  /**
   * The ids of the columns by which the server sorts a list that is not whole: its rows come in the order of `sorting`,
   * and a click on a header only asks for another one. `all`: the server sorts every list, also a whole one.
   */
  serverSorts?: readonly string[] | 'all'
  /** Opens a row by click or Enter, and makes rows reachable by arrow keys. The name cell should have the link too. */
  onOpen?: (row: Row) => void
  selectedKey?: string
  /** Scrolls to the selected row when the table is shown, and when another one is selected. */
  revealsSelected?: boolean
  /** Replaces all cells but the first, to say why the row has no figures. Null for a normal row. */
  rowMessage?: (row: Row) => ReactNode
  /**
   * Colours a row that is not committed yet, in addition to a sign in it: it is added, removed, or represents others.
   */
  rowTone?: (row: Row) => 'added' | 'removed' | 'quiet' | undefined
  /** In pixels: 28 for dense tables, 30 for lists (default), 40 for two lines. */
  rowHeight?: number
  /** Aligns the first column with the page's gutter of 20 px. */
  gutter?: boolean
  /** Scrolls the table below its sticky header. Without it the table scrolls with the page. */
  scrolls?: boolean
  /**
   * On narrow pages shows each row as a card instead of scrolling sideways: text on separate lines, figures side by
   * side. The sortable headers are above the cards.
   */
  stacks?: boolean
}

/** Explicit roles, because some browsers drop the table roles when the layout is not a table. */
const ROWGROUP_PROPS = { role: 'rowgroup' }
const ROW_PROPS = { role: 'row' }

/** With more rows than this, only visible rows are rendered. */
const MIN_VIRTUAL_ROWS = 200
/** The height of the header with its line, in pixels. */
const HEADER_HEIGHT_PX = 32
/** The least width of the column that fills a long table, in pixels. */
const MIN_FILLING_WIDTH = 160
const NO_COLUMNS: readonly string[] = []

/** A dense, sortable table with a sticky header. Long tables render only visible rows. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const {
    label,
    columns,
    rowKey,
    onOpen,
    rowHeight = 30,
    gutter = false,
    scrolls = false,
    stacks = false,
    serverSorts = NO_COLUMNS,
  } = props
  const { rows, isWhole } = 'isWhole' in props.rows ? props.rows : { rows: props.rows, isWhole: true }
  const [ownSort, setOwnSort] = useState<Sort | null>(props.initialSort ?? null)
  const { sort, setSort } = props.sorting ?? { sort: ownSort, setSort: setOwnSort }
  const [activeIndex, setActiveIndex] = useState(0)
  const scroller = useRef<HTMLDivElement>(null)
  const hasHiddenColumns = useHiddenColumns(scroller)

  const isServerSorted = (columnId: string) => serverSorts === 'all' || (!isWhole && serverSorts.includes(columnId))
  const isSortable = ({ id, sortBy }: Column<Row>) => sortBy !== undefined && (isWhole || isServerSorted(id))
  const sortedColumn = columns.find((column) => column.id === sort?.columnId && isSortable(column))
  const ordered = useSortedRows(
    rows,
    columns,
    sortedColumn === undefined || isServerSorted(sortedColumn.id) ? null : sort,
  )
  const sortedRows = props.lastRows === undefined ? ordered : [...ordered, ...props.lastRows]

  const isVirtual = scrolls && rows.length > MIN_VIRTUAL_ROWS
  const widthOf = ({ width, longTableWidth, fills }: Column<Row>) =>
    isVirtual && !fills ? (longTableWidth ?? width) : width
  // The columns of a long table would shrink to nothing rather than scroll.
  const minWidth = columns.reduce((sum, column) => sum + (column.fills ? MIN_FILLING_WIDTH : (widthOf(column) ?? 0)), 0)
  // Cards, and rows with controls on a phone, are higher.
  const [drawnRowPx, setDrawnRowPx] = useState(rowHeight)
  const drawn = useRowWindow({
    scroller,
    rowCount: isVirtual ? sortedRows.length : 0,
    rowHeightPx: drawnRowPx,
    headerPx: HEADER_HEIGHT_PX,
  })
  const first = isVirtual ? drawn.firstRow : 0
  const end = isVirtual ? drawn.endRow : sortedRows.length
  const measureRows = useEffectEvent(() => {
    const heights = [...(scroller.current?.querySelectorAll<HTMLElement>('tbody tr[aria-rowindex]') ?? [])].map(
      (row) => row.offsetHeight,
    )
    const average = heights.reduce((sum, height) => sum + height, 0) / heights.length
    if (average > 0) setDrawnRowPx(average)
  })
  useLayoutEffect(() => {
    if (isVirtual) measureRows()
  }, [isVirtual])
  const isGrid = onOpen !== undefined

  const { selectedKey, revealsSelected = false } = props
  const selectedIndex = revealsSelected ? sortedRows.findIndex((row) => rowKey(row) === selectedKey) : -1
  const revealSelected = useEffectEvent(() => {
    if (isVirtual) drawn.scrollToRow(selectedIndex, 'center')
    else scroller.current?.querySelector('tr[aria-selected]')?.scrollIntoView({ block: 'nearest' })
  })
  useEffect(() => {
    if (selectedIndex >= 0) revealSelected()
  }, [selectedIndex])

  const goTo = (index: number) => {
    const target = Math.max(0, Math.min(sortedRows.length - 1, index))
    setActiveIndex(target)
    if (isVirtual) drawn.scrollToRow(target)
    // The row may have to be rendered before it can take the focus.
    requestAnimationFrame(() => {
      scroller.current?.querySelector<HTMLElement>(`tr[aria-rowindex="${target + 2}"]`)?.focus()
    })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (!(event.target instanceof HTMLTableRowElement) || onOpen === undefined) return
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 300) / rowHeight) - 2)
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page }
    const row = sortedRows[activeIndex]
    if (event.key === 'Enter' && row !== undefined) onOpen(row)
    else if (event.key === 'Home') goTo(0)
    else if (event.key === 'End') goTo(sortedRows.length - 1)
    else if (steps[event.key] !== undefined) goTo(activeIndex + (steps[event.key] ?? 0))
    else return
    event.preventDefault()
  }

  const messageOf = (row: Row) => props.rowMessage?.(row) ?? null
  const visibleColumns = (row: Row) => (messageOf(row) === null ? columns : columns.slice(0, 1))
  return (
    <div className={scrolls ? classes.frame : classes.stillFrame} data-more={hasHiddenColumns || undefined}>
      {hasHiddenColumns && <IconChevronRight size={15} stroke={1.6} className={classes.more} aria-hidden />}
      <div
        ref={scroller}
        className={scrolls ? classes.scroller : classes.still}
        // If rows are not focusable, the scroll area is, so that the keyboard can scroll it.
        {...(onOpen === undefined && { tabIndex: 0, role: 'group', 'aria-label': label })}
      >
        <table
          className={classes.table}
          aria-label={label}
          aria-rowcount={sortedRows.length + 1}
          data-gutter={gutter || undefined}
          data-fixed={isVirtual || undefined}
          style={{ minWidth: isVirtual ? minWidth : undefined }}
          data-stacks={stacks || undefined}
          role={isGrid ? 'grid' : 'table'}
        >
          <thead {...ROWGROUP_PROPS}>
            <tr {...ROW_PROPS} aria-rowindex={1}>
              {columns.map((column) => (
                <SortHeader
                  key={column.id}
                  header={column.header}
                  title={headerTitle(column, isSortable(column))}
                  align={column.align}
                  width={widthOf(column)}
                  fills={column.fills}
                  wideOnly={column.wideOnly}
                  roomyOnly={column.roomyOnly}
                  tableOnly={column.tableOnly === true}
                  isSortable={isSortable(column)}
                  sorted={column === sortedColumn ? (sort?.descending ? 'descending' : 'ascending') : 'none'}
                  onSort={(descending) => setSort({ columnId: column.id, descending })}
                />
              ))}
            </tr>
          </thead>
          <tbody {...ROWGROUP_PROPS} onMouseOver={showFullText} onFocus={showFullText} onKeyDown={onKeyDown}>
            {first > 0 && <Spacer height={first * drawnRowPx} />}
            {sortedRows.slice(first, end).map((row, offset) => {
              const key = rowKey(row)
              const index = first + offset
              return (
                <tr
                  key={key}
                  {...ROW_PROPS}
                  aria-rowindex={index + 2}
                  style={{ height: rowHeight }}
                  data-open={isGrid || undefined}
                  data-tone={props.rowTone?.(row)}
                  {...(key === props.selectedKey && { 'aria-selected': true })}
                  {...(onOpen && {
                    tabIndex: index === Math.min(activeIndex, sortedRows.length - 1) ? 0 : -1,
                    onFocus: () => setActiveIndex(index),
                    onClick: (event: MouseEvent) => {
                      if (isPlainClick(event)) onOpen(row)
                    },
                  })}
                >
                  {visibleColumns(row).map((column) => (
                    <td
                      key={column.id}
                      role={isGrid ? 'gridcell' : 'cell'}
                      data-align={column.align}
                      data-fills={column.fills}
                      data-wide={column.wideOnly}
                      data-roomy={column.roomyOnly}
                      data-table-only={isTableOnly(column, row) || undefined}
                      data-weight={column.weight}
                      data-label={column.header}
                      data-actions={column.header === '' || undefined}
                      data-ends-name={column.endsNameLine}
                    >
                      {column.cell(row)}
                    </td>
                  ))}
                  {messageOf(row) !== null && (
                    <td colSpan={columns.length - 1} role={isGrid ? 'gridcell' : 'cell'}>
                      {messageOf(row)}
                    </td>
                  )}
                </tr>
              )
            })}
            {end < sortedRows.length && <Spacer height={(sortedRows.length - end) * drawnRowPx} />}
          </tbody>
        </table>
      </div>
    </div>
  )
}

/** The tooltip of a header, which says why a list of many pages is not sorted by its column. */
function headerTitle<Row>({ headerTitle: title, sortBy }: Column<Row>, isSortable: boolean): string | undefined {
  if (sortBy === undefined || isSortable) return title
  return [...(title === undefined ? [] : [`${title}.`]), 'Can be sorted once the whole list is loaded.'].join(' ')
}

/** One cell only: a cell that spans every column would give hidden columns part of the width again. */
function Spacer({ height }: { height: number }) {
  return (
    <tr aria-hidden>
      <td style={{ height, padding: 0, border: 0 }} />
    </tr>
  )
}

function isTableOnly<Row>({ tableOnly }: Column<Row>, row: Row): boolean | undefined {
  return typeof tableOnly === 'function' ? tableOnly(row) : tableOnly
}

/** Gives a truncated cell a title with the full text on hover and focus. */
function showFullText(event: { target: EventTarget }) {
  const target = event.target
  if (!(target instanceof Element)) return
  const cell = target.closest('td')
  if (cell === null || cell.querySelector('[title]') !== null) return
  // Without what is hidden at this width.
  if (cell.scrollWidth > cell.clientWidth) cell.title = cell.innerText
}

/** Whether a click is on the row itself: not on a control in it, not for a new tab, not the end of a text selection. */
function isPlainClick(event: MouseEvent): boolean {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return false
  if (event.target instanceof Element && event.target.closest('a, button, input, [role="menuitem"]')) return false
  return (getSelection()?.toString() ?? '') === ''
}
