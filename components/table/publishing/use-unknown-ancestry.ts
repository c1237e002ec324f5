import { useState } from 'react'
import type { CherryPickReview } from '@/lib/contract/table/cherry-picks'

/**
 * The user's confirmation of a pick onto a branch without the history that would show whether it already has the
 * changes. It is valid only for the reviewed tip.
 *
 * @param review absent while it is read
 */
export function useUnknownAncestry(review: CherryPickReview | undefined): UnknownAncestry {
  const [confirmed, setConfirmed] = useState<string | null>(null)
  const reviewed = review ? JSON.stringify([review.snapshotId, review.branch, review.tip?.snapshotId ?? null]) : null
  const isDemanded = review?.isHistoryExpired === true
  const isConfirmed = isDemanded && confirmed === reviewed
  return {
    isConfirmed,
    isMissing: isDemanded && !isConfirmed,
    confirm: (isConfirmed) => setConfirmed(isConfirmed ? reviewed : null),
  }
}

export type UnknownAncestry = {
  /** Whether the user confirms that the branch does not have the rows. */
  isConfirmed: boolean
  /** Whether they have to say it before a commit, and have not. */
  isMissing: boolean
  confirm: (isConfirmed: boolean) => void
}
