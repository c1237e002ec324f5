/** Labels have no more: the tooltip and the table have the whole value. */
const SIGNIFICANT_DIGITS = 6
/** A character of a label, on the safe side: digits are wider than most letters. */
const CHAR_PX = 7
/** A name is not shortened further, however long the value is. */
const MIN_NAME_CHARS = 4

/** A value next to its mark: fractions are rounded, and a text that does not fit ends with an ellipsis. */
export function valueLabel(text: string, widthPx: number): string {
  const maxChars = charsIn(widthPx)
  return truncateText(roundFraction(text, maxChars), maxChars)
}

/** The name of a series and its last value. The name gives way to the value. */
export function seriesLabel(name: string, valueText: string, widthPx: number): string {
  const maxChars = charsIn(widthPx)
  const value = roundFraction(valueText, maxChars - MIN_NAME_CHARS - 1)
  const nameText = truncateText(name, Math.max(MIN_NAME_CHARS, maxChars - value.length - 1))
  return truncateText(`${nameText} ${value}`, maxChars)
}

/** To fewer digits if its exponent would not fit. Whole numbers and texts that are not numbers stay as they are. */
function roundFraction(text: string, maxChars: number): string {
  const [, mantissa] = /^-?(\d+\.\d+)(?:e[+-]?\d+)?$/i.exec(text) ?? []
  if (mantissa === undefined || mantissa.length - 1 <= SIGNIFICANT_DIGITS) return text
  for (let digits = SIGNIFICANT_DIGITS; ; digits -= 1) {
    const rounded = String(Number(Number(text).toPrecision(digits)))
    if (rounded.length <= maxChars || digits === 1) return rounded
  }
}

function charsIn(widthPx: number): number {
  return Math.floor(widthPx / CHAR_PX)
}

function truncateText(text: string, maxChars: number): string {
  return text.length > maxChars ? `${text.slice(0, maxChars - 1)}…` : text
}
