import type { TableMetadata } from '../../iceberg/metadata/table-metadata'
import type { ReachedFile, SnapshotGroup } from './reached-files'
import type { Retention, SnapshotRetention } from './retention'

/** The reason why the files of a group are retained; `removed` are the files that only expired snapshots reach. */
export type RetentionGroup = NonNullable<SnapshotRetention['retainedBy']> | 'removed'

/** For `reachedFiles`, which counts a file for the first group that reaches it. */
export function groupByRetention(
  metadata: TableMetadata,
  { snapshots }: Retention,
  reader: Pick<SnapshotGroup<RetentionGroup>, 'readManifests' | 'readFiles'>,
): SnapshotGroup<RetentionGroup>[] {
  const groupById = new Map(snapshots.map(({ snapshotId, retainedBy }) => [snapshotId, retainedBy ?? 'removed']))
  return (['main', 'other-refs', 'age', 'removed'] as const).map((name) => ({
    ...reader,
    name,
    metadata,
    snapshots: metadata.snapshots.filter(({ snapshotId }) => groupById.get(snapshotId) === name),
  }))
}

export type FileTotals = { fileCount: number; sizeBytes: bigint; unsizedCount: number; recordCount: number }

export const NO_FILES: FileTotals = { fileCount: 0, sizeBytes: 0n, unsizedCount: 0, recordCount: 0 }

/** Number, size and rows of the files of each group and kind. Sizes that no metadata says are left out. */
export async function sumByGroup<Name>(
  files: AsyncIterable<ReachedFile<Name>>,
): Promise<Map<Name, Map<ReachedFile<Name>['kind'], FileTotals>>> {
  const totals = new Map<Name, Map<ReachedFile<Name>['kind'], FileTotals>>()
  for await (const { group, kind, sizeBytes, recordCount } of files) {
    const ofGroup = totals.get(group) ?? new Map<ReachedFile<Name>['kind'], FileTotals>()
    totals.set(group, ofGroup)
    const { fileCount, ...sums } = ofGroup.get(kind) ?? NO_FILES
    ofGroup.set(kind, {
      fileCount: fileCount + 1,
      sizeBytes: sums.sizeBytes + BigInt(sizeBytes ?? 0),
      unsizedCount: sums.unsizedCount + (sizeBytes === null ? 1 : 0),
      recordCount: sums.recordCount + (recordCount ?? 0),
    })
  }
  return totals
}
