import type { IntentChange } from '../intent-change'
import { addRef, compareTip, withRetention } from '@/lib/iceberg/edits/ref-edits'
import type { CreateRef } from './words'

export const createRef = {
  compare: (metadata, intent) => compareTip(metadata, intent.refName, null, intent.snapshotId),
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
