import type { IntentDescription } from '../intent-description'

/** Moves a branch forward to the tip of another one, which descends from its own. */
export type FastForward = {
  kind: 'fast-forward'
  refName: string
  fromSnapshotId: string
  toRefName: string
  toSnapshotId: string
}

export const fastForwardDescription: IntentDescription<FastForward> = {
  area: 'snapshots',
  target: ({ refName }) => `ref ${refName}`,
  sign: () => '~',
  describe: ({ refName, toRefName }) => ['Fast-forward', { name: refName }, 'to', { name: toRefName }],
  effects: ({ refName, toRefName }) => `Readers of ${refName} see the rows of ${toRefName}; no file is written.`,
}
