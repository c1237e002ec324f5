import type { CellPosition } from './grid-selection'

/** The content of a cell. Data values are never localised: `text` is shown unchanged. */
export type Cell = {
  text: string
  /** The same text in pieces, if some are quieter than others: names of fields, marks of line breaks. */
  parts?: readonly { text: string; isQuiet: boolean; mark?: 'old' | 'new' }[]
  /** The difference of the row between two versions. Its parts are marked where they differ. */
  tone?: 'added' | 'removed' | 'changed'
  /**
   * `null` and `empty` are shown as words, `zero` in a quieter colour. `nested` opens on Enter or click. `failed` could
   * not be read, and `title` has the reason.
   */
  kind: 'value' | 'null' | 'empty' | 'zero' | 'nested' | 'failed'
  /** Text for a copy, if it differs from `text`; null and empty values copy as nothing. */
  copyText?: string
  title?: string
}

export type GridColumn = {
  /** Unique in the grid; passed to `cell` and `onRangeChange`. */
  key: string
  name: string
  /** Second header line, in mono, for example `list<string>`. */
  typeLabel: string
  /** Shown after the type, for example `0.0% null`. */
  note?: string
  /** Shown on hover of the header, for example why the note has no figure. */
  noteReason?: string
  /** Numbers right, everything else left. */
  align: 'left' | 'right'
  /** Pixels, until the user chooses another width. */
  width: number
  /** For times, ids and bytes. */
  mono?: boolean
}

/** Height of a row, in pixels. */
export const ROW_HEIGHT_PX = 28

/** The row of the column headers, as the position of a cell. */
export const HEADER_ROW = -1

/** The id of a cell's element. */
export function cellId(gridId: string, position: CellPosition): string {
  return `${gridId}-${position.row}-${position.column}`
}

/** The position of a cell by its element. */
export function cellAtElement(element: HTMLElement): CellPosition {
  return { row: Number(element.dataset.row), column: Number(element.dataset.column) }
}
