import type { IntentMeaning } from '../intent-kind'
import type { ExpireSnapshots } from './words'

export const expireSnapshotsMeaning: IntentMeaning<ExpireSnapshots> = ({ removeFilesAfterMs }) =>
  removeFilesAfterMs === null
    ? 'They can no longer be read; files that only they reach stay in storage.'
    : 'They can no longer be read; files that only they reach are removed later, as a job.'
