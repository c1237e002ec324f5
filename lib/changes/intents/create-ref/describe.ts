import type { IntentDescription } from '../intent-description'
import type { RefRetention } from '@/lib/changes/edits/ref-edits'
import { durationLabel, retentionLabel } from '../set-ref-retention/describe'

export type CreateRef = {
  kind: 'create-ref'
  refName: string
  type: 'branch' | 'tag'
  snapshotId: string
  retention: RefRetention
}

export const createRefDescription: IntentDescription<CreateRef> = {
  area: 'snapshots',
  target: ({ refName }) => `ref ${refName}`,
  sign: () => '+',
  withName: (intent, refName) => ({ ...intent, refName }),
  describe: ({ refName, type, snapshotId, retention }) => [
    `Create the ${type}`,
    { name: refName },
    'at snapshot',
    { name: snapshotId },
    ...(Object.values(retention).every((value) => value === null) ? [] : ['and keep it', retentionLabel(retention)]),
  ],
  effects: ({ type, retention: { maxRefAgeMs } }) =>
    maxRefAgeMs === null
      ? 'No file is written. Its snapshot is kept as long as it exists.'
      : `No file is written. Its snapshot is kept as long as it exists: an expiry removes the ${type} when ${type === 'tag' ? 'that' : 'its newest'} snapshot is more than ${durationLabel(maxRefAgeMs)} old.`,
}
