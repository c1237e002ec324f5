import { BLOCK_ROWS, type VisibleRows } from './row-blocks'

/** Rows that are read before they are visible, at most. */
const AHEAD_ROWS = 2 * BLOCK_ROWS
/** A longer step is a jump, which does not predict the next one. */
const MAX_STEP_ROWS = 2 * BLOCK_ROWS

type Rows = { firstRow: number; lastRow: number }

/** Predicts which rows will be visible next if the user scrolls on. */
export class ReadAhead {
  #visible: VisibleRows | null = null
  #direction: 'up' | 'down' | null = null
  #isTaken = false

  /** Learns the direction from two ranges in a row: without a scroll no rows are read ahead. */
  follow(visible: VisibleRows): void {
    const step = visible.firstRow - (this.#visible?.firstRow ?? visible.firstRow)
    this.#visible = visible
    this.#isTaken = false
    if (step !== 0) this.#direction = Math.abs(step) > MAX_STEP_ROWS ? null : step > 0 ? 'down' : 'up'
  }

  /** The rows after the visible ones in the direction of the scroll, once for each range of visible rows. */
  take(): VisibleRows | null {
    if (this.#isTaken) return null
    this.#isTaken = true
    return this.#range()
  }

  /**
   * Whether a read that runs is still of use after a scroll.
   *
   * @param missing the visible rows that were not read yet
   */
  isUseful({ rows, isAhead }: { rows: VisibleRows; isAhead: boolean }, missing: VisibleRows | null): boolean {
    if (!isAhead) return this.#visible === null || overlaps(rows, this.#visible)
    if (missing === null) return this.#isAhead(rows)
    // Rows that are read ahead give way to visible ones, unless the scroll has reached them.
    return overlaps(rows, missing) && missing.fieldIds.every((id) => rows.fieldIds.includes(id))
  }

  /** Whether some of the rows are still ahead. */
  #isAhead(rows: Rows): boolean {
    const range = this.#range()
    return range !== null && overlaps(range, rows)
  }

  #range(): VisibleRows | null {
    if (this.#visible === null || this.#direction === null) return null
    const { firstRow, lastRow, fieldIds } = this.#visible
    const range =
      this.#direction === 'down'
        ? { firstRow: lastRow, lastRow: lastRow + AHEAD_ROWS, fieldIds }
        : { firstRow: Math.max(0, firstRow - AHEAD_ROWS), lastRow: firstRow, fieldIds }
    return range.firstRow < range.lastRow ? range : null
  }
}

function overlaps(a: Rows, b: Rows): boolean {
  return a.firstRow < b.lastRow && b.firstRow < a.lastRow
}
