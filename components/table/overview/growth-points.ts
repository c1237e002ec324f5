/** A table keeps its size from a commit until the next one. The last point repeats the values of the newest commit now. */
export function extendToNow<Point extends { atMs: number }>(points: readonly Point[], nowMs: number): readonly Point[] {
  const last = points.at(-1)
  // The clock of the writer may be ahead.
  return last === undefined || nowMs <= last.atMs ? points : [...points, { ...last, atMs: nowMs }]
}
