import { AppError } from '@/lib/errors'
import { isAncestor } from '../../../iceberg/metadata/ancestors'
import { uncheckedMoveWarnings } from '@/lib/changes/edits/unchecked-move'
import type { IntentChange } from '../intent-change'
import { compareTip, moveRef, rebaseMove, requireRef } from '@/lib/changes/edits/ref-edits'
import type { FastForward } from './describe'

export const fastForward = {
  compare: (metadata, { refName, fromSnapshotId, toSnapshotId }) =>
    compareTip(metadata, refName, fromSnapshotId, toSnapshotId),
  rebase: (metadata, intent) => rebaseMove(metadata, intent.refName, intent),
  apply: (draft, { refName, fromSnapshotId, toRefName, toSnapshotId }) => {
    if (requireRef(draft, refName).type === 'tag')
      throw new AppError('invalid-request', `${refName} is a tag, and only branches are fast-forwarded.`)
    const { snapshotId: tip } = requireRef(draft, toRefName)
    if (tip !== toSnapshotId) {
      throw new AppError('commit-conflict', `${toRefName} was at snapshot ${toSnapshotId} and is now at ${tip}`, {
        facts: { key: toRefName, base: toSnapshotId, current: tip, requested: toSnapshotId },
      })
    }
    if (!isAncestor(draft.base, { ancestorId: fromSnapshotId, snapshotId: toSnapshotId })) {
      throw new AppError(
        'invalid-request',
        `${refName} cannot be fast-forwarded to ${toRefName}, which does not descend from it.`,
        { facts: { fromSnapshotId, toSnapshotId } },
      )
    }
    moveRef(draft, { refName, fromSnapshotId, toSnapshotId, safetyTag: null })
    draft.seenRefs.set(toRefName, toSnapshotId)
  },
  warnings: ({ properties }, intent) => uncheckedMoveWarnings(properties, intent),
  reverse: (_before, _after, intent) => ({
    kind: 'set-ref',
    refName: intent.refName,
    fromSnapshotId: intent.toSnapshotId,
    toSnapshotId: intent.fromSnapshotId,
    safetyTag: null,
  }),
} satisfies IntentChange<FastForward>
