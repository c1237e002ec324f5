import { uncheckedMoveWarnings } from '@/lib/changes/edits/unchecked-move'
import { isAncestor } from '../../../iceberg/metadata/ancestors'
import type { IntentChange } from '../intent-change'
import { compareTip, moveRef, rebaseMove } from '@/lib/changes/edits/ref-edits'
import type { SetRef } from './describe'

export const setRef = {
  compare: (metadata, { refName, fromSnapshotId, toSnapshotId }) =>
    compareTip(metadata, refName, fromSnapshotId, toSnapshotId),
  rebase: (metadata, intent) => rebaseMove(metadata, intent.refName, intent),
  apply: (draft, intent) => moveRef(draft, intent),
  // A move back does not publish anything new.
  warnings: ({ base, properties }, intent) =>
    isAncestor(base, { ancestorId: intent.toSnapshotId, snapshotId: intent.fromSnapshotId })
      ? []
      : uncheckedMoveWarnings(properties, intent),
  reverse: (_before, _after, intent) => ({
    kind: 'set-ref',
    refName: intent.refName,
    fromSnapshotId: intent.toSnapshotId,
    toSnapshotId: intent.fromSnapshotId,
    safetyTag: null,
  }),
} satisfies IntentChange<SetRef>
