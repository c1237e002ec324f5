import { movedRow, type ShrunkRows } from '@/lib/scan/live-rows'
import { ReadAhead } from './read-ahead'
import { RequestedCells } from './requested-cells'
import type { VisibleRows } from './row-blocks'

/** A request for rows; `isAhead` if they are not visible yet, but will be when the user scrolls on. */
export type RequestedRead = { rows: VisibleRows; isAhead: boolean }

/** The rows to read next: visible ones, then rows of a copy, then rows that the user scrolls to. */
export class RequestedRows {
  readonly #findUnread: (rows: VisibleRows) => VisibleRows | null
  readonly #ahead = new ReadAhead()
  readonly #requested = new RequestedCells()
  #visible: VisibleRows | null = null

  /** @param findUnread which of the rows have to be read; null if none have to */
  constructor(findUnread: (rows: VisibleRows) => VisibleRows | null) {
    this.#findUnread = findUnread
  }

  get visible(): VisibleRows | null {
    return this.#visible
  }

  show(visible: VisibleRows): void {
    this.#visible = visible
    this.#ahead.follow(visible)
  }

  /** Ends when the cells are read, when that failed, or with `endRequest`. */
  request(rows: VisibleRows): Promise<void> {
    return this.#requested.add(rows)
  }

  endRequest(): void {
    this.#requested.end()
  }

  /** Lets the visible rows stay in view after others before them turned out to be deleted. */
  move(shrunk: readonly ShrunkRows[]): void {
    const visible = this.#visible
    if (visible === null) return
    const firstRow = movedRow(visible.firstRow, shrunk)
    this.#visible = { ...visible, firstRow, lastRow: visible.lastRow - visible.firstRow + firstRow }
  }

  /** The visible rows to read. */
  findVisible(): VisibleRows | null {
    return this.#visible && this.#findUnread(this.#visible)
  }

  /** The next rows to read; null if all requested rows are known. */
  findNext({ mayReadAhead }: { mayReadAhead: boolean }): RequestedRead | null {
    const needed = this.findVisible() ?? this.#requested.findMissing(this.#findUnread)
    if (needed) return { rows: needed, isAhead: false }
    const ahead = mayReadAhead ? this.#ahead.take() : null
    const rows = ahead && this.#findUnread(ahead)
    return rows && { rows, isAhead: true }
  }

  /** Whether a read that runs is still of use after a scroll, given the visible rows to read. */
  isUseful(running: RequestedRead, missing: VisibleRows | null): boolean {
    return this.#ahead.isUseful(running, missing)
  }
}
