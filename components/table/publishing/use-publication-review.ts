'use client'
import { isReviewable, type SentAction, useReview } from '@/components/changes/action/use-review'
import { publicationsQuery } from '@/lib/client/table/publications'
import { refMoveQuery } from '@/lib/client/table/refs'
import type { TableIdentifier } from '@/lib/names/identifiers'

/**
 * The effect of publishing a snapshot on the current table.
 *
 * @param sent the publication
 */
export function usePublicationReview(table: TableIdentifier, snapshotId: string, sent: SentAction, isEnabled = true) {
  const { query: list } = useReview(publicationsQuery(table, snapshotId), sent, isEnabled)
  const publication = list.data?.publications[0]
  const branch = publication?.branch ?? null
  const { query: move } = useReview(
    refMoveQuery(table, 'main', branch === null ? { snapshotId } : { ref: branch }, null),
    sent,
    isEnabled && publication !== undefined,
  )
  const isMissing = list.data !== undefined && publication === undefined
  const error = list.error ?? move.error
  const impact = error ? undefined : move.data?.impact
  return {
    publication,
    branch,
    impact,
    query: { data: isMissing ? list.data : impact, error, refetch: list.error ? list.refetch : move.refetch },
    /** Whether the snapshot is neither on `main` nor unpublished any longer. */
    isMissing: isEnabled && isReviewable(sent) && isMissing,
    /** Whether the shown state can be published. */
    isReady: publication?.refusal === null && impact?.toSnapshotId === snapshotId,
  }
}

export type PublicationReviewState = ReturnType<typeof usePublicationReview>
