import { formatQuantity } from '@/lib/format/count'
import type { IntentMeaning } from '../intent-kind'
import type { ExpireSnapshots } from './words'

export const expireSnapshotsMeaning: IntentMeaning<ExpireSnapshots> = ({ removeFilesAfterMs }, { snapshotCount }) => {
  const total = snapshotCount === null ? '' : ` (the table has ${formatQuantity(snapshotCount, 'snapshot')} now)`
  return removeFilesAfterMs === null
    ? `They can no longer be read${total}; files that only they reach stay in storage.`
    : `They can no longer be read${total}; files that only they reach are removed later, as a job.`
}
