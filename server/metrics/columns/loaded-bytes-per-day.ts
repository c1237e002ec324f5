import 'server-only'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { summaryCount } from '@/server/table/summary-counts'

const DAY_MS = 86_400_000
const MAX_DAYS = 30

/**
 * The growth of a table by Lakeshore's loads, from the amounts that its snapshots of `main` in the last 30 days say they
 * added. Other writers do not follow settings of single columns. Snapshots that replace files without new rows do not
 * count.
 *
 * @returns null with fewer than two snapshots or without a load, or if a load lacks the amount
 */
export function loadedBytesPerDay({ snapshots, refs }: TableMetadata, nowMs: number): number | null {
  const byId = new Map(snapshots.map((snapshot) => [snapshot.snapshotId, snapshot]))
  const sinceMs = nowMs - MAX_DAYS * DAY_MS
  const sizes: number[] = []
  let snapshotCount = 0
  let oldestMs = nowMs
  let at = byId.get(propertyValue(refs, 'main')?.snapshotId ?? '')
  for (let walked = 0; at && at.timestampMs >= sinceMs && walked < snapshots.length; walked++) {
    oldestMs = Math.min(oldestMs, at.timestampMs)
    snapshotCount += 1
    const isLoad = propertyValue(at.summary, 'engine-name') === 'Lakeshore'
    if (isLoad && propertyValue(at.summary, 'operation') !== 'replace') {
      const hasTotals = propertyValue(at.summary, 'total-files-size') !== null
      const addedBytes = summaryCount(at, 'added-files-size') ?? (hasTotals ? 0 : null)
      if (addedBytes === null) return null
      sizes.push(addedBytes)
    }
    at = byId.get(at.parentSnapshotId ?? '')
  }
  if (snapshotCount < 2 || sizes.length === 0) return null
  // The whole window counts when the table is older than it.
  const days = Math.max(1, (at ? MAX_DAYS * DAY_MS : nowMs - oldestMs) / DAY_MS)
  return Math.round(sizes.reduce((total, bytes) => total + bytes, 0) / days)
}
