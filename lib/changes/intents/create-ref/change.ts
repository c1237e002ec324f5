import { findRef } from '../../../iceberg/metadata/snapshot-graph'
import type { IntentChange } from '../intent-change'
import { addRef, withRetention } from '@/lib/changes/edits/ref-edits'
import type { CreateRef } from './describe'

export const createRef = {
  compare: (metadata, { refName }) => {
    return { base: null, current: findRef(metadata, refName) === null ? null : refName, requested: refName }
  },
  // The name is taken: the person chooses another one.
  rebase: () => null,
  apply: (draft, intent) => {
    const { refName, type } = intent
    addRef(draft, refName, withRetention({ type, snapshotId: intent.snapshotId }, intent.retention))
  },
  reverse: (_before, _after, intent) => ({
    kind: 'drop-ref',
    refName: intent.refName,
    type: intent.type,
    snapshotId: intent.snapshotId,
    safetyTag: null,
  }),
} satisfies IntentChange<CreateRef>
