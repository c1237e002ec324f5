import { findRef } from '../../../iceberg/metadata/snapshot-graph'
import type { IntentChange } from '../intent-change'
import { addRef, compareTip, requireOtherThanMain, requireRef } from '@/lib/changes/edits/ref-edits'
import type { RenameRef } from './describe'

export const renameRef = {
  compare: (metadata, intent) => compareTip(metadata, intent.refName, intent.snapshotId, intent.snapshotId),
  rebase: (metadata, intent) => {
    const now = findRef(metadata, intent.refName)
    return now && { ...intent, snapshotId: now.snapshotId }
  },
  apply: (draft, { refName, snapshotId: seenSnapshotId, name }) => {
    requireOtherThanMain(refName, 'renamed')
    addRef(draft, name, requireRef(draft, refName))
    draft.seenRefs.set(refName, seenSnapshotId)
    draft.refs.delete(refName)
  },
  reverse: (_before, _after, intent) => ({ ...intent, refName: intent.name, name: intent.refName }),
} satisfies IntentChange<RenameRef>
