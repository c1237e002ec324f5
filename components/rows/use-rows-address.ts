import { parseAsInteger, parseAsString, useQueryStates } from 'nuqs'
import { useEffect, useRef, useState } from 'react'

/** A longer list of hidden columns is not in the address; the browser remembers it for this user only. */
const MAX_HIDDEN_CHARS = 300
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
  /** Ids of hidden columns; null if the address has none. */
  hidden: readonly string[] | null
  setHidden: (hidden: readonly string[]) => void
}

/**
 * What the Data tab shows, in the address: `?row=` and `?open=` count from 1, `?hide=` has field ids. *Back* closes the
 * details of a row and returns to the row that was on top.
 */
export function useRowsAddress(rowCount: number): RowsAddress {
  const [{ row, open, hide }, setQuery] = useQueryStates({
    row: parseAsInteger,
    open: parseAsInteger,
    hide: parseAsString,
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
    hidden: hide === null || hide.length > MAX_HIDDEN_CHARS ? null : hide.split(',').filter((id) => /^\d+$/.test(id)),
    setHidden: (hidden) => {
      const text = hidden.join(',')
      void setQuery({ hide: text === '' || text.length > MAX_HIDDEN_CHARS ? null : text }, { history: 'replace' })
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

/** A number in the address as an index; null if there is no such row. */
function indexOf(number: number | null, rowCount: number): number | null {
  return number !== null && number >= 1 && number <= rowCount ? number - 1 : null
}
