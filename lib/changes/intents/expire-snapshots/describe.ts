import { formatQuantity } from '@/lib/format/count'
import type { IntentDescription } from '../intent-description'

/** The limit for one commit: its request and its review stay within a few hundred kilobytes. */
export const MAX_EXPIRED_SNAPSHOTS = 20_000

/** Snapshots that go, as a dry run decided it. */
export type ExpireSnapshots = {
  kind: 'expire-snapshots'
  snapshotIds: readonly string[]
  /** Refs that go too, because they are too old. */
  refNames: readonly string[]
  /** All branches and tags, where the person saw them. */
  refs: readonly SeenRef[]
  /** How long after the commit unreachable files stay; null: Lakeshore does not remove them. */
  removeFilesAfterMs: number | null
}

export type SeenRef = { name: string; snapshotId: string }

export const expireSnapshotsDescription: IntentDescription<ExpireSnapshots> = {
  area: 'snapshots',
  target: () => 'snapshots',
  sign: () => '−',
  describe: ({ snapshotIds, refNames }) => [
    `Expire ${formatQuantity(snapshotIds.length, 'snapshot')}`,
    ...refNames.flatMap((name, i) => [i === 0 ? 'and remove' : 'and', { name }]),
  ],
  effects: ({ removeFilesAfterMs }, { snapshotCount }) => {
    const total = snapshotCount === null ? '' : ` (the table has ${formatQuantity(snapshotCount, 'snapshot')} now)`
    return removeFilesAfterMs === null
      ? `They can no longer be read${total}; files that only they reach stay in storage.`
      : `They can no longer be read${total}; files that only they reach are removed later, as a job.`
  },
}
