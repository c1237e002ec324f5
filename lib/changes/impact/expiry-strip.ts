import type { TableMetadata } from '../../iceberg/metadata/table-metadata'
import type { Retention } from './retention'

export const MAX_STRIP_MARKS = 40
const MAX_NAMED_REFS = 3

/** Snapshots that are neighbours in time, and how many of them stay and go. */
export type StripMark = {
  fromMs: number
  toMs: number
  main: number
  others: number
  removed: number
  refs: { name: string; type: 'branch' | 'tag' }[]
}

/** The snapshots of a table after an expiry, oldest first, in at most {@link MAX_STRIP_MARKS} groups of equal size. */
export function expiryStrip({ snapshots, refs }: TableMetadata, retention: Retention): StripMark[] {
  const retainedBy = new Map(retention.snapshots.map((one) => [one.snapshotId, one.retainedBy]))
  const staying = Object.entries(refs).filter(([name]) => retention.retainedRefs.includes(name))
  const oldestFirst = snapshots.toSorted((a, b) => a.timestampMs - b.timestampMs)
  const size = Math.ceil(oldestFirst.length / MAX_STRIP_MARKS)
  return Array.from({ length: size === 0 ? 0 : Math.ceil(oldestFirst.length / size) }, (_, i) => {
    const group = oldestFirst.slice(i * size, (i + 1) * size)
    const ids = new Set(group.map(({ snapshotId }) => snapshotId))
    const mark: StripMark = {
      fromMs: group[0]?.timestampMs ?? 0,
      toMs: group.at(-1)?.timestampMs ?? 0,
      main: 0,
      others: 0,
      removed: 0,
      refs: staying
        .filter(([, { snapshotId }]) => ids.has(snapshotId))
        .slice(0, MAX_NAMED_REFS)
        .map(([name, { type }]) => ({ name, type })),
    }
    for (const snapshotId of ids) {
      const retained = retainedBy.get(snapshotId) ?? null
      mark[retained === null ? 'removed' : retained === 'main' ? 'main' : 'others'] += 1
    }
    return mark
  })
}
