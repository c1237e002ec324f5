import type { IntentWords } from '../intent-kind'
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

export const dropRefWords: IntentWords<DropRef> = {
  area: 'snapshots',
  target: ({ refName }) => `ref ${refName}`,
  sign: () => '−',
  words: ({ refName, type, snapshotId }) => [
    `Remove the ${type}`,
    { name: refName },
    '(at snapshot',
    { name: snapshotId },
    ')',
  ],
}
