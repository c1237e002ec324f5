import { AppError } from '@/lib/errors'
import { MAIN_BRANCH } from '../../../iceberg/metadata/main-branch'
import { ancestorIds } from '../../../iceberg/metadata/ancestors'
import type { IntentChange } from '../intent-change'
import { compareTip, moveRef, rebaseMove } from '@/lib/changes/edits/ref-edits'
import type { RollBack } from './describe'

export const rollBack = {
  compare: (metadata, { fromSnapshotId, toSnapshotId }) =>
    compareTip(metadata, MAIN_BRANCH, fromSnapshotId, toSnapshotId),
  rebase: (metadata, intent) => rebaseMove(metadata, MAIN_BRANCH, intent),
  apply: (draft, { fromSnapshotId, toSnapshotId, safetyTag: tag }) => {
    if (toSnapshotId === fromSnapshotId || !ancestorIds(draft.base, fromSnapshotId).includes(toSnapshotId)) {
      throw new AppError(
        'invalid-request',
        `${MAIN_BRANCH} can only be rolled back to an ancestor of its tip, and snapshot ${toSnapshotId} is not one`,
        { facts: { fromSnapshotId, toSnapshotId } },
      )
    }
    moveRef(draft, { refName: MAIN_BRANCH, fromSnapshotId, toSnapshotId, safetyTag: tag })
  },
  reverse: (_before, _after, intent) => ({
    kind: 'set-ref',
    refName: MAIN_BRANCH,
    fromSnapshotId: intent.toSnapshotId,
    toSnapshotId: intent.fromSnapshotId,
    safetyTag: null,
  }),
} satisfies IntentChange<RollBack>
