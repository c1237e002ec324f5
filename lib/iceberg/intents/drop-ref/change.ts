import { ancestorIds, findRef } from '../../metadata/snapshot-graph'
import type { IntentChange } from '../intent-change'
import { compareTip, requireOtherThanMain, requireRef, retentionOf } from '../ref-edits'
import type { DropRef } from './words'

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
  },
  warnings: ({ base, refs }, { refName }) => {
    const ref = refs.get(refName)
    if (ref === undefined) return []
    const kept = new Set(
      [...refs].flatMap(([name, { snapshotId }]) => (name === refName ? [] : ancestorIds(base, snapshotId))),
    )
    const lostCount = ancestorIds(base, ref.snapshotId).filter((id) => !kept.has(id)).length
    if (lostCount === 0) return []
    const lost = lostCount === 1 ? 'a snapshot' : `${lostCount} snapshots`
    return [`Only ${refName} reaches ${lost}. Without it, they may be expired, and their files removed.`]
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
