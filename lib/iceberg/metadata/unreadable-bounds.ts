/**
 * A bound in metadata that cannot be shown, because it is not a value of its column's type, or one that the engine
 * cannot hold. Its cell is null.
 */
export type UnreadableBound = {
  /** The column of the table, or the field of its partitions. */
  column: string
  /** The data file, delete file or manifest that the bound describes. */
  file: string
}

/** The columns of metadata tables that have bounds as values, and null in place of those that cannot be shown. */
export const READABLE_METRICS = 'readable_metrics'
export const PARTITION_SUMMARIES = 'partition_summaries'

export function hasBounds({ name }: { name: string }): boolean {
  return name === READABLE_METRICS || name === PARTITION_SUMMARIES
}

/** All of them are counted, and the first {@link MAX_NAMED_BOUNDS} named. */
export type UnreadableBounds = { count: number; named: readonly UnreadableBound[] }

export const MAX_NAMED_BOUNDS = 20

export const NO_UNREADABLE_BOUNDS: UnreadableBounds = { count: 0, named: [] }

export function addUnreadableBounds(a: UnreadableBounds, b: UnreadableBounds): UnreadableBounds {
  return { count: a.count + b.count, named: [...a.named, ...b.named].slice(0, MAX_NAMED_BOUNDS) }
}
