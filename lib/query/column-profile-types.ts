import type { RowValue } from '@/lib/scan/read/row-values'

/** The values of a column in figures. Values are exact, of the column's type. */
export type ColumnProfile = {
  rowCount: number
  nullCount: number
  /** Null for a type whose values are only counted, as the rest is. */
  values: ProfiledValues | null
}

export type ProfiledValues = {
  distinctCount: number
  isDistinctExact: boolean
  /** Floating-point values that are not numbers; `min` and `max` leave them out. Null for other types. */
  nanCount: number | null
  /** Infinite values, which are in no bucket. Null for types other than floating point. */
  infiniteCount: number | null
  min: RowValue | null
  max: RowValue | null
  /** The most frequent ones first. */
  top: readonly { value: RowValue; count: number }[]
  /**
   * Buckets of equal width from the least to the greatest finite value, empty ones too; none if the type has no scale.
   */
  histogram: readonly number[]
  /** The least and the greatest finite number of a floating-point column; null without one, and for other types. */
  finite: { min: number; max: number } | null
  /** The least and the greatest number of characters, if the histogram is of the lengths of texts. */
  lengths: { min: number; max: number } | null
}
