import { formatQuantity } from '@/lib/format/count'
import type { IntentWords } from '../intent-kind'

/** What one commit may remove: its request and its review stay within a few hundred kilobytes. */
export const MAX_EXPIRED_SNAPSHOTS = 20_000

/** Snapshots that go, as a dry run decided it. */
export type ExpireSnapshots = {
  kind: 'expire-snapshots'
  snapshotIds: readonly string[]
  /** Refs that go too, because they are too old. */
  refNames: readonly string[]
  /** All branches and tags, where the person saw them. */
  refs: readonly SeenRef[]
  /** How long after the commit the files that nothing reaches any more stay; null: Lakeshore does not remove them. */
  removeFilesAfterMs: number | null
}

export type SeenRef = { name: string; snapshotId: string }

export const expireSnapshotsWords: IntentWords<ExpireSnapshots> = {
  area: 'snapshots',
  target: () => 'snapshots',
  sign: () => '−',
  words: ({ snapshotIds, refNames }) => [
    `Expire ${formatQuantity(snapshotIds.length, 'snapshot')}`,
    ...refNames.flatMap((name, i) => [i === 0 ? 'and remove' : 'and', { name }]),
  ],
}
