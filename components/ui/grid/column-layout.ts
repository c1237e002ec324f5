/** A user's arrangement of the columns of a grid, by their keys. Unknown keys have no effect. */
export type ColumnLayout = {
  /** Columns that are not in the list follow it in their own order. */
  order: readonly string[]
  /** Columns that stay at the left while the others scroll, in this order. */
  pinned: readonly string[]
  hidden: readonly string[]
  /** Chosen widths in pixels. */
  widths: Readonly<Record<string, number>>
}

export const NO_LAYOUT: ColumnLayout = { order: [], pinned: [], hidden: [], widths: {} }

/** Bounds of the width of a column, in pixels. */
export const MIN_COLUMN_PX = 56
export const MAX_COLUMN_PX = 1200

/** By one column of a grid, or null for the order of the rows themselves. */
export type GridSort = { columnKey: string; isDescending: boolean } | null
