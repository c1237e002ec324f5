import 'server-only'
import type { Ingestion } from '@/lib/contract/dashboards'
import type { Snapshot } from '@/lib/iceberg/metadata/table-metadata'
import { sum } from '@/lib/sum'
import { summaryCount } from '@/server/table/summary-counts'

/**
 * The mean size of the data files that snapshots added, from their summaries. A median would need the manifests of every
 * snapshot, because a summary has only the sum of the sizes. That sum includes delete files, so snapshots that added
 * some are not in the mean.
 */
export function meanFileSize(
  snapshots: readonly Snapshot[],
): Pick<Ingestion['totals'], 'meanFileBytes' | 'meanFileCount'> {
  const sized = snapshots.flatMap((snapshot) => {
    const bytes = summaryCount(snapshot, 'added-files-size')
    const files = summaryCount(snapshot, 'added-data-files')
    const deleteFiles = summaryCount(snapshot, 'added-delete-files') ?? 0
    return bytes === null || files === null || deleteFiles > 0 ? [] : [{ bytes, files }]
  })
  const meanFileCount = sum(sized.map(({ files }) => files))
  const bytes = sum(sized.map((one) => one.bytes))
  return { meanFileBytes: meanFileCount === 0 ? null : Math.round(bytes / meanFileCount), meanFileCount }
}
