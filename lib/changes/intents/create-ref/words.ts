import type { IntentWords } from '../intent-kind'
import type { RefRetention } from '@/lib/changes/edits/ref-edits'

export type CreateRef = {
  kind: 'create-ref'
  refName: string
  type: 'branch' | 'tag'
  snapshotId: string
  retention: RefRetention
}

export const createRefWords: IntentWords<CreateRef> = {
  area: 'snapshots',
  target: ({ refName }) => `ref ${refName}`,
  sign: () => '+',
  withName: (intent, refName) => ({ ...intent, refName }),
  words: ({ refName, type, snapshotId }) => [
    `Create the ${type}`,
    { name: refName },
    'at snapshot',
    { name: snapshotId },
  ],
}
