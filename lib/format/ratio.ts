/** A ratio in a column, to two decimal places: `'5.80'`. */
export function formatRatio(ratio: number): string {
  return ratio.toFixed(2)
}

/** A ratio that stands alone: `'5.80 : 1'`. */
export function formatRatioToOne(ratio: number): string {
  return `${formatRatio(ratio)} : 1`
}
