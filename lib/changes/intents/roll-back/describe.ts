import { MAIN_BRANCH } from '../../../iceberg/metadata/main-branch'
import type { IntentDescription } from '../intent-description'
import type { SafetyTag } from '@/lib/changes/edits/ref-edits'

/** Moves `main` back to one of its ancestors. `fromSnapshotId` is the tip the person saw. */
export type RollBack = {
  kind: 'roll-back'
  fromSnapshotId: string
  toSnapshotId: string
  /** Null for none. */
  safetyTag: SafetyTag | null
}

export const rollBackDescription: IntentDescription<RollBack> = {
  area: 'snapshots',
  target: () => `ref ${MAIN_BRANCH}`,
  sign: () => '~',
  describe: ({ toSnapshotId }) => ['Roll', { name: MAIN_BRANCH }, 'back to snapshot', { name: toSnapshotId }],
  effects: ({ safetyTag }) =>
    safetyTag === null
      ? 'Readers see the rows of that snapshot; later snapshots stay until they expire.'
      : `Readers see the rows of that snapshot; the tag ${safetyTag.name} keeps the snapshot of now.`,
}
