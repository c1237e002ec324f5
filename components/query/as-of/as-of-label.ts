import { formatExactTime } from '@/lib/format/time'
import type { AsOf } from '@/lib/iceberg/as-of'

/** The branch, tag, snapshot or time in words. */
export function asOfLabel(asOf: AsOf | null, timeZone: string): string {
  const { ref, snapshotId, atMs } = asOf ?? {}
  if (atMs !== undefined) return formatExactTime(atMs, timeZone)
  return ref ?? snapshotId ?? 'now'
}
