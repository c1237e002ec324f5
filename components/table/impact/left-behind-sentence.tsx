import { IconLinkOff } from '@tabler/icons-react'
import { ExactTime } from '@/components/ui/values/exact-time'
import { formatQuantity } from '@/lib/format/count'
import classes from './impact-review.module.css'

type LeftBehindSentenceProps = {
  snapshotCount: number
  /** Null: no expiry removes them. */
  expireAtMs: number | null
  hasSafetyTag: boolean
}

/** The number of snapshots that no branch or tag would reach, and when an expiry may remove them. */
export function LeftBehindSentence({ snapshotCount, expireAtMs, hasSafetyTag }: LeftBehindSentenceProps) {
  const isOne = snapshotCount === 1
  return (
    <li>
      <IconLinkOff size={16} stroke={1.6} className={classes.warn} aria-hidden />
      <span>
        {hasSafetyTag && isOne ? 'Only the safety tag would still reach' : 'No branch or tag would reach'}{' '}
        {formatQuantity(snapshotCount, 'snapshot')}
        {hasSafetyTag && !isOne && ', except the newest, which the safety tag keeps'}.
        {expireAtMs !== null && (
          <>
            {' '}
            {hasSafetyTag && isOne ? 'Without it, it' : isOne ? 'It' : 'They'} can be expired after{' '}
            <ExactTime atMs={expireAtMs} />.
          </>
        )}
      </span>
    </li>
  )
}
