/**
 * The positions of a few of many lines: those of the lowest rank, and among equals the first ones.
 *
 * @param rankOf from 0 for a line that the user has to see first
 */
export function chooseShown<Line>(
  lines: readonly Line[],
  maxShown: number,
  rankOf: (line: Line, position: number) => number,
): ReadonlySet<number> {
  const ranked = lines.map((line, position) => ({ position, rank: rankOf(line, position) }))
  // Sorting keeps the order of equals.
  const shown = ranked.toSorted((a, b) => a.rank - b.rank).slice(0, maxShown)
  return new Set(shown.map(({ position }) => position))
}
