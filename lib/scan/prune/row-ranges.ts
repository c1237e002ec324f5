/** Rows from `from` to before `to`. */
export type RowRange = { from: number; to: number }

/** Joins ranges, given in order, where they touch. */
export function joinRanges(ranges: readonly RowRange[]): RowRange[] {
  const joined: RowRange[] = []
  for (const range of ranges) {
    const last = joined.at(-1)
    if (range.from >= range.to) continue
    if (last && range.from <= last.to) last.to = Math.max(last.to, range.to)
    else joined.push({ ...range })
  }
  return joined
}

/** Rows in any of two lists of ranges in order. */
export function uniteRanges(some: readonly RowRange[], others: readonly RowRange[]): RowRange[] {
  return joinRanges([...some, ...others].toSorted((a, b) => a.from - b.from))
}

/** Rows in both of two lists of ranges in order. */
export function intersectRanges(some: readonly RowRange[], others: readonly RowRange[]): RowRange[] {
  const both: RowRange[] = []
  for (let i = 0, j = 0; ; ) {
    const [one, other] = [some[i], others[j]]
    if (!one || !other) return both
    const range = { from: Math.max(one.from, other.from), to: Math.min(one.to, other.to) }
    if (range.from < range.to) both.push(range)
    if (one.to < other.to) i += 1
    else j += 1
  }
}
