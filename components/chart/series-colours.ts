/** The colours of series, `--c1` to `--c6`. */
const COLOUR_COUNT = 6

/**
 * The index of the colour of each series, from 0. A known series keeps its own. Of two that meet in one chart with the
 * same index, the one that was known first keeps it, and the other gets a free one for this chart.
 *
 * @param known indices of earlier charts, the oldest first
 */
export function chooseColours(keys: readonly string[], known: ReadonlyMap<string, number>): Map<string, number> {
  const chosen = new Map<string, number>()
  const free = new Set(Array.from({ length: COLOUR_COUNT }, (_, index) => index))
  const shown = new Set(keys)
  for (const [key, index] of known) if (shown.has(key) && free.delete(index)) chosen.set(key, index)
  for (const key of keys) {
    if (chosen.has(key)) continue
    const index = [...free][0] ?? chosen.size % COLOUR_COUNT
    free.delete(index)
    chosen.set(key, index)
  }
  return chosen
}

export function colourVariable(index: number): string {
  return `var(--c${index + 1})`
}
