import { parseAsBoolean, parseAsString, useQueryState, useQueryStates } from 'nuqs'
import { useEffect, useRef, useState } from 'react'
import type { RowOrder } from '@/lib/client/rows/sort-rows'
import { type ColumnLayout, MAX_COLUMN_PX, MIN_COLUMN_PX } from '@/components/ui/grid/column-layout'

/** A longer layout of columns is not in the address; the browser remembers it for this user only. */
const MAX_COLUMNS_CHARS = 2000
/** The address follows when scrolling has paused for so long. */
const SCROLL_PAUSE_MS = 300
/** An open row that is further below the first visible row is scrolled to. */
const MAX_ROWS_TO_OPEN_ROW = 15
const ROWS_ABOVE_OPEN_ROW = 5

export type RowsAddress = {
  /** The row (from 0) that was at the top when the page was opened. */
  initialTopRow: number
  setTopRow: (row: number) => void
  /** The row (from 0) whose details are open. */
  openRow: number | null
  setOpenRow: (row: number | null) => void
  /** The column by which rows are sorted; null for the order of the scan. */
  sort: RowOrder | null
  /** Closes the details of a row, too, because rows get other numbers. */
  setSort: (sort: RowOrder | null) => void
  /** Whether deleted rows are shown. */
  showsDeleted: boolean
  /** Closes the details of a row, too, because rows get other numbers. */
  setShowsDeleted: (showsDeleted: boolean) => void
  /** The layout of the columns, by field id; null if it is not in the address. */
  columns: ColumnLayout | null
  /** Replaces it, without a step for *Back*. */
  setColumns: (columns: ColumnLayout) => void
}

/** Whether the address requests deleted rows. */
export function useShowsDeleted(): boolean {
  return useQueryState('deleted', parseAsBoolean)[0] === true
}

/**
 * The state of the Data tab, in the address: `?row=` and `?open=` count from 1; `?hide=`, `?pin=` and `?order=` have
 * field ids, and `?width=` has pixels by field id, as in `3:240`; with `?deleted=true` deleted rows are shown, and
 * `?sort=-3&nulls=first` sorts them by field id. *Back* closes the details of a row and returns to the row that was at
 * the top.
 */
export function useRowsAddress(rowCount: number): RowsAddress {
  const [{ row, open, deleted, sort, nulls, hide, pin, order, width }, setQuery] = useQueryStates({
    row: parseAsString,
    open: parseAsString,
    deleted: parseAsBoolean,
    sort: parseAsString,
    nulls: parseAsString,
    hide: parseAsString,
    pin: parseAsString,
    order: parseAsString,
    width: parseAsString,
  })
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const openRow = rowIndexOf(open, rowCount)
  const [initialTopRow] = useState(() => {
    const topRow = rowIndexOf(row, rowCount) ?? 0
    if (openRow === null || (openRow >= topRow && openRow < topRow + MAX_ROWS_TO_OPEN_ROW)) return topRow
    return Math.max(0, openRow - ROWS_ABOVE_OPEN_ROW)
  })
  return {
    initialTopRow,
    setTopRow: (topRow) => {
      clearTimeout(timer.current)
      timer.current = setTimeout(() => replaceTopRow(topRow), SCROLL_PAUSE_MS)
    },
    openRow,
    setOpenRow: (next) =>
      void setQuery(
        { open: next === null ? null : String(next + 1) },
        { history: next !== null && openRow === null ? 'push' : 'replace' },
      ),
    sort: toOrder(sort, nulls),
    setSort: (next) => {
      clearTimeout(timer.current)
      const sortText = next && `${next.isDescending ? '-' : ''}${next.fieldId}`
      const nullsText = next?.areNullsFirst === true ? 'first' : null
      void setQuery({ sort: sortText, nulls: nullsText, open: null, row: null }, { history: 'replace' })
    },
    showsDeleted: deleted === true,
    setShowsDeleted: (showsDeleted) => {
      clearTimeout(timer.current)
      void setQuery({ deleted: showsDeleted || null, open: null, row: null }, { history: 'replace' })
    },
    columns: [hide, pin, order, width].every((text) => text === null)
      ? null
      : { hidden: fieldIds(hide), pinned: fieldIds(pin), order: fieldIds(order), widths: toWidths(width) },
    setColumns: ({ hidden, pinned, order: ordered, widths }) => {
      const widthText = Object.entries(widths).map(([key, px]) => `${key}:${px}`)
      const texts = [hidden, pinned, ordered, widthText].map((list) => list.join(','))
      const isTooLong = texts.reduce((sum, { length }) => sum + length, 0) > MAX_COLUMNS_CHARS
      const [hideText, pinText, orderText, widthsText] = isTooLong ? [] : texts
      void setQuery(
        { hide: hideText || null, pin: pinText || null, order: orderText || null, width: widthsText || null },
        { history: 'replace' },
      )
    },
  }
}

/**
 * Changes the address without Next, which would abandon a navigation that has just begun, and render the page again.
 * Only the next visit reads the row.
 */
function replaceTopRow(topRow: number) {
  const url = new URL(window.location.href)
  if (topRow === 0) url.searchParams.delete('row')
  else url.searchParams.set('row', String(topRow + 1))
  if (url.href === window.location.href) return
  History.prototype.replaceState.call(window.history, window.history.state, '', url)
}

function fieldIds(text: string | null): readonly string[] {
  return text === null ? [] : text.split(',').filter((id) => /^\d+$/.test(id))
}

/** `3` is ascending by the column with the id 3, `-3` descending. */
function toOrder(sort: string | null, nulls: string | null): RowOrder | null {
  if (sort === null) return null
  const [, minus, id] = /^(-?)(\d{1,10})$/.exec(sort) ?? []
  const fieldId = id === undefined ? NO_FIELD_ID : Number(id)
  return { fieldId, isDescending: minus === '-', areNullsFirst: nulls === 'first' }
}

/** A sort that cannot be read has this field id: no column has it, and the page reports it. */
const NO_FIELD_ID = -1

/** Widths in pixels by field id, without impossible ones. */
function toWidths(text: string | null): Record<string, number> {
  const entries = (text ?? '').split(',').flatMap((entry): [string, number][] => {
    const width = parseWidth(entry)
    return width ? [[width.key, width.px]] : []
  })
  return Object.fromEntries(entries)
}

/** `3:240`; null for a width that no column can have. */
export function parseWidth(entry: string): { key: string; px: number } | null {
  const [, key, digits] = /^(\d+):(\d{1,4})$/.exec(entry) ?? []
  const px = Number(digits)
  return key !== undefined && px >= MIN_COLUMN_PX && px <= MAX_COLUMN_PX ? { key, px } : null
}

/** The number of a row in the address as an index; null if no such row exists. */
export function rowIndexOf(text: string | null, rowCount: number): number | null {
  const number = text !== null && /^[1-9]\d{0,15}$/.test(text) ? Number(text) : 0
  return number >= 1 && number <= rowCount ? number - 1 : null
}
