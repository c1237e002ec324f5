/** Before the number, where wide pages have their gutter, and after it. Digits are tabular figures of 12.5 px. */
const WIDE_PADDING_PX = 20 + 10
const NARROW_PADDING_PX = 8 + 6
const DIGIT_PX = 8.15
const COMMA_PX = 3.4
const MAX_NARROW_PX = 480
/** The first rows get the width of the first thousand. */
const MIN_DIGITS = 3

/** Whether the grid has the padding of a phone; a grid without a width is not measured yet. */
export function isNarrowGrid(gridPx: number): boolean {
  return gridPx > 0 && gridPx <= MAX_NARROW_PX
}

/** The width of the column with row numbers up to `lastNumber`, in a grid that is `gridPx` wide. */
export function rowNumberWidthPx(lastNumber: number, gridPx: number): number {
  const digits = Math.max(MIN_DIGITS, String(lastNumber).length)
  const commas = Math.floor((digits - 1) / 3)
  const paddingPx = isNarrowGrid(gridPx) ? NARROW_PADDING_PX : WIDE_PADDING_PX
  return Math.ceil(paddingPx + digits * DIGIT_PX + commas * COMMA_PX)
}
