import type { CellPosition } from './grid-selection'

/** What one cell shows. Data values are never localised: `text` is drawn as it is. */
export type Cell = {
  text: string
  /**
   * `null` and `empty` are drawn as the words they are; `zero` in a quieter colour; `nested` opens on Enter or click;
   * `failed` could not be read, and `title` says why.
   */
  kind: 'value' | 'null' | 'empty' | 'zero' | 'nested' | 'failed'
  /** What a copy takes where it is not `text`; null and empty copy as nothing. */
  copyText?: string
  title?: string
}

export type GridColumn = {
  /** Unique in the grid; handed to `cell` and `onRangeChange`. */
  key: string
  name: string
  /** Second header line, in mono: `timestamp`, `list<string>`. */
  typeLabel: string
  /** Beside the type: `0% null`. */
  note?: string
  /** Numbers right, everything else left. */
  align: 'left' | 'right'
  /** Pixels. */
  width: number
  /** Times, ids and bytes are drawn in mono. */
  mono?: boolean
}

/** Height of a row, in pixels. */
export const ROW_HEIGHT_PX = 28

/** The id of a cell's element. */
export function cellId(gridId: string, position: CellPosition): string {
  return `${gridId}-${position.row}-${position.column}`
}
