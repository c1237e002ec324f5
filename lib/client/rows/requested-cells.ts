import { BLOCK_ROWS, type VisibleRows } from './row-blocks'

/** Rows of one read. */
const STEP_ROWS = 4 * BLOCK_ROWS

/** Cells that are read although they are not visible, for a copy. Only the last of several requests is read. */
export class RequestedCells {
  #request: { rows: VisibleRows; nextRow: number; end: () => void } | null = null

  /** Ends when the cells are read or cannot be. The request before ends at once. */
  add(rows: VisibleRows): Promise<void> {
    this.end()
    return new Promise((end) => {
      this.#request = { rows, nextRow: rows.firstRow, end }
    })
  }

  /** The cells to read next. When all are read, the request ends. */
  findMissing(find: (rows: VisibleRows) => VisibleRows | null): VisibleRows | null {
    const request = this.#request
    if (request === null) return null
    const { lastRow, fieldIds } = request.rows
    while (request.nextRow < lastRow) {
      const stepEnd = Math.min(request.nextRow + STEP_ROWS, lastRow)
      const missing = find({ firstRow: request.nextRow, lastRow: stepEnd, fieldIds })
      if (missing) return missing
      request.nextRow = stepEnd
    }
    this.end()
    return null
  }

  end(): void {
    this.#request?.end()
    this.#request = null
  }
}
