import { formatQuantity } from '@/lib/format/count'
import { unreachableIds } from '../../impact/ref-move'
import { findRef } from '../../../iceberg/metadata/snapshot-graph'
import type { IntentChange } from '../intent-change'
import { addSafetyTag, compareTip, requireOtherThanMain, requireRef, retentionOf } from '@/lib/changes/edits/ref-edits'
import type { DropRef } from './describe'

export const dropRef = {
  compare: (metadata, intent) => compareTip(metadata, intent.refName, intent.snapshotId, null),
  rebase: (metadata, intent) => {
    const now = findRef(metadata, intent.refName)
    return now && { ...intent, type: now.type, snapshotId: now.snapshotId }
  },
  apply: (draft, intent) => {
    requireOtherThanMain(intent.refName, 'removed')
    requireRef(draft, intent.refName)
    draft.seenRefs.set(intent.refName, intent.snapshotId)
    draft.refs.delete(intent.refName)
    addSafetyTag(draft, intent.safetyTag, intent.snapshotId)
  },
  warnings: ({ base, refs }, { refName }) => {
    const others = Object.fromEntries([...refs].filter(([name]) => name !== refName))
    const lostCount = unreachableIds({ ...base, refs: Object.fromEntries(refs) }, others).length
    if (lostCount === 0) return []
    const them = lostCount === 1 ? 'it' : 'them'
    return [`Only ${refName} reaches ${formatQuantity(lostCount, 'snapshot')}. An expiry may then remove ${them}.`]
  },
  reverse: (before, _after, { refName }) => {
    const ref = findRef(before, refName)
    return (
      ref && {
        kind: 'create-ref',
        refName,
        type: ref.type,
        snapshotId: ref.snapshotId,
        retention: retentionOf(ref),
      }
    )
  },
} satisfies IntentChange<DropRef>
