import type { IntentDescription } from '../intent-description'
import type { RefRetention } from '@/lib/changes/edits/ref-edits'

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
  describe: ({ refName, type, snapshotId }) => [
    `Create the ${type}`,
    { name: refName },
    'at snapshot',
    { name: snapshotId },
  ],
  effects: () => 'No file is written. Its snapshot is kept as long as it exists.',
}
