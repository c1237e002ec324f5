import { findRef } from '../../metadata/snapshot-graph'
import type { IntentChange } from '../intent-change'
import { requireRef, retentionOf, withRetention } from '@/lib/iceberg/edits/ref-edits'
import { retentionLabel, type SetRefRetention } from './words'

export const setRefRetention = {
  compare: (metadata, { refName, retention: wanted, base }) => {
    const now = findRef(metadata, refName)
    return { base: retentionLabel(base), now: now && retentionLabel(retentionOf(now)), wanted: retentionLabel(wanted) }
  },
  rebase: (metadata, intent) => {
    const now = findRef(metadata, intent.refName)
    return now && { ...intent, base: retentionOf(now) }
  },
  apply: (draft, { refName, retention: wanted }) => {
    const ref = requireRef(draft, refName)
    draft.refs.set(refName, withRetention(ref, wanted))
    // The update names a snapshot, too, so a commit that moves the ref in between must be noticed.
    if (!draft.seenRefs.has(refName)) draft.seenRefs.set(refName, ref.snapshotId)
  },
  reverse: (_before, _after, intent) => ({ ...intent, retention: intent.base, base: intent.retention }),
} satisfies IntentChange<SetRefRetention>
