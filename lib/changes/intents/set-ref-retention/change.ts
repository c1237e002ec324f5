import { AppError } from '@/lib/errors'
import { findRef } from '../../../iceberg/metadata/snapshot-graph'
import type { IntentChange } from '../intent-change'
import { mainAgeProblem, requireRef, retentionOf, withRetention } from '@/lib/changes/edits/ref-edits'
import { retentionLabel, type SetRefRetention } from './describe'

export const setRefRetention = {
  compare: (metadata, { refName, retention: requested, base }) => {
    const now = findRef(metadata, refName)
    return {
      base: retentionLabel(base),
      current: now && retentionLabel(retentionOf(now)),
      requested: retentionLabel(requested),
    }
  },
  rebase: (metadata, intent) => {
    const now = findRef(metadata, intent.refName)
    return now && { ...intent, base: retentionOf(now) }
  },
  apply: (draft, { refName, retention: requested }) => {
    const ref = requireRef(draft, refName)
    const problem = mainAgeProblem(refName, ref.maxRefAgeMs ?? null, requested.maxRefAgeMs)
    if (problem !== null) throw new AppError('invalid-request', problem, { facts: { refName } })
    draft.refs.set(refName, withRetention(ref, requested))
    // The update names a snapshot, too, so a commit that moves the ref in between must be noticed.
    if (!draft.seenRefs.has(refName)) draft.seenRefs.set(refName, ref.snapshotId)
  },
  reverse: (_before, _after, intent) => {
    const { refName, base, retention } = intent
    // An age that `main` had, without effect, is not given back to it.
    const isInvalid = mainAgeProblem(refName, retention.maxRefAgeMs, base.maxRefAgeMs) !== null
    const restored = isInvalid ? { ...base, maxRefAgeMs: null } : base
    return retentionLabel(restored) === retentionLabel(retention)
      ? null
      : { ...intent, retention: restored, base: retention }
  },
} satisfies IntentChange<SetRefRetention>
