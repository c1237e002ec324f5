import type { IntentWords } from '../intent-kind'
import type { RefMove } from '@/lib/changes/edits/ref-edits'

/** Moves a branch or a tag to any snapshot that the table still has. */
export type SetRef = { kind: 'set-ref' } & RefMove

export const setRefWords: IntentWords<SetRef> = {
  area: 'snapshots',
  target: ({ refName }) => `ref ${refName}`,
  sign: () => '~',
  words: ({ refName, toSnapshotId }) => ['Move', { name: refName }, 'to snapshot', { name: toSnapshotId }],
}
