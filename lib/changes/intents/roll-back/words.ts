import { MAIN_BRANCH } from '../../../iceberg/metadata/main-branch'
import type { IntentWords } from '../intent-kind'
import type { SafetyTag } from '@/lib/changes/edits/ref-edits'

/** Moves `main` back to one of its ancestors. `fromSnapshotId` is the tip the person saw. */
export type RollBack = {
  kind: 'roll-back'
  fromSnapshotId: string
  toSnapshotId: string
  /** Null for none. */
  safetyTag: SafetyTag | null
}

export const rollBackWords: IntentWords<RollBack> = {
  area: 'snapshots',
  target: () => `ref ${MAIN_BRANCH}`,
  sign: () => '~',
  words: ({ toSnapshotId }) => ['Roll', { name: MAIN_BRANCH }, 'back to snapshot', { name: toSnapshotId }],
}
