import { parseAsInteger, parseAsString, useQueryStates } from 'nuqs'
import { useEffect, useRef, useState } from 'react'

/** Longer lists of hidden and pinned columns are not in the address; the browser remembers them for this user only. */
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
  /** Ids of hidden and pinned columns; null if the address has neither. */
  columns: ShownColumns | null
  /** Replaces them, without a step for *Back*. */
  setColumns: (columns: ShownColumns) => void
}

export type ShownColumns = { hidden: readonly string[]; pinned: readonly string[] }

/**
 * What the Data tab shows, in the address: `?row=` and `?open=` count from 1, `?hide=` and `?pin=` have field ids. *Back*
 * closes the details of a row and returns to the row that was on top.
 */
export function useRowsAddress(rowCount: number): RowsAddress {
  const [{ row, open, hide, pin }, setQuery] = useQueryStates({
    row: parseAsInteger,
    open: parseAsInteger,
    hide: parseAsString,
    pin: parseAsString,
  })
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const openRow = indexOf(open, rowCount)
  const [initialTopRow] = useState(() => {
    const topRow = indexOf(row, rowCount) ?? 0
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
        { open: next === null ? null : next + 1 },
        { history: next !== null && openRow === null ? 'push' : 'replace' },
      ),
    columns: hide === null && pin === null ? null : { hidden: fieldIds(hide), pinned: fieldIds(pin) },
    setColumns: ({ hidden, pinned }) => {
      const texts = [hidden.join(','), pinned.join(',')]
      const [hideText, pinText] = texts.some(({ length }) => length > MAX_COLUMNS_CHARS) ? [] : texts
      void setQuery({ hide: hideText || null, pin: pinText || null }, { history: 'replace' })
    },
  }
}

/**
 * Changes the address without Next, which would give up a navigation that has just begun, and render the page again.
 * Nothing but the next visit reads the row.
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

/** A number in the address as an index; null if there is no such row. */
function indexOf(number: number | null, rowCount: number): number | null {
  return number !== null && number >= 1 && number <= rowCount ? number - 1 : null
}
