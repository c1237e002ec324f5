import type { IntentWords } from '../intent-kind'

/** Moves a branch forward to the tip of another one, which descends from its own. */
export type FastForward = {
  kind: 'fast-forward'
  refName: string
  fromSnapshotId: string
  toRefName: string
  toSnapshotId: string
}

export const fastForwardWords: IntentWords<FastForward> = {
  area: 'snapshots',
  target: ({ refName }) => `ref ${refName}`,
  sign: () => '~',
  words: ({ refName, toRefName }) => ['Fast-forward', { name: refName }, 'to', { name: toRefName }],
}
