/** The median: of an even number of values the mean of the two in the middle. Null without values. */
export function medianOf(sorted: ArrayLike<number>): number | null {
  return sorted.length === 0 ? null : medianBy(sorted.length, (index) => sorted[index] ?? 0)
}

/** @param at the value at an index of the sorted values, of which there is at least one */
export function medianBy(length: number, at: (index: number) => number): number {
  const [low, high] = [at(Math.floor((length - 1) / 2)), at(Math.floor(length / 2))]
  // Their sum may be no exact number.
  return low + (high - low) / 2
}
