import type { IntentDescription } from '../intent-description'

/** `snapshotId` is where the person saw it. */
export type RenameRef = { kind: 'rename-ref'; refName: string; snapshotId: string; name: string }

export const renameRefDescription: IntentDescription<RenameRef> = {
  area: 'snapshots',
  target: ({ refName }) => `ref ${refName}`,
  sign: () => '~',
  describe: ({ refName, name }) => ['Rename', { name: refName }, 'to', { name }],
  effects: () => 'It stays at its snapshot; readers and writers that use the old name no longer find it.',
}
