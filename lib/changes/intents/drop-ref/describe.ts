import type { IntentDescription } from '../intent-description'
import type { SafetyTag } from '@/lib/changes/edits/ref-edits'

/** `snapshotId` is where the person saw it. */
export type DropRef = {
  kind: 'drop-ref'
  refName: string
  type: 'branch' | 'tag'
  snapshotId: string
  /** Null for none. */
  safetyTag: SafetyTag | null
}

export const dropRefDescription: IntentDescription<DropRef> = {
  area: 'snapshots',
  target: ({ refName }) => `ref ${refName}`,
  sign: () => '−',
  describe: ({ refName, type, snapshotId }) => [
    `Remove the ${type}`,
    { name: refName },
    '(at snapshot',
    { name: snapshotId },
    ')',
  ],
  effects: ({ safetyTag }) =>
    safetyTag === null
      ? 'No file is deleted; snapshots that nothing else keeps can expire.'
      : `No file is deleted; the tag ${safetyTag.name} keeps its snapshot.`,
}
