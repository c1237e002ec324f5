import type { IntentWords } from '../intent-kind'

/** `snapshotId` is where the person saw it. */
export type RenameRef = { kind: 'rename-ref'; refName: string; snapshotId: string; name: string }

export const renameRefWords: IntentWords<RenameRef> = {
  area: 'snapshots',
  target: ({ refName }) => `ref ${refName}`,
  sign: () => '~',
  words: ({ refName, name }) => ['Rename', { name: refName }, 'to', { name }],
}
