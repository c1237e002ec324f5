import type { IntentDescription } from '../intent-description'
import type { RefMove } from '@/lib/changes/edits/ref-edits'

/** Moves a branch or a tag to any snapshot that the table still has. */
export type SetRef = { kind: 'set-ref' } & RefMove

export const setRefDescription: IntentDescription<SetRef> = {
  area: 'snapshots',
  target: ({ refName }) => `ref ${refName}`,
  sign: () => '~',
  describe: ({ refName, toSnapshotId }) => ['Move', { name: refName }, 'to snapshot', { name: toSnapshotId }],
  effects: ({ refName }) => `Readers of ${refName} see the rows of that snapshot; no file is written or deleted.`,
}
