'use client'
import { useQuery } from '@tanstack/react-query'
import { publicationsQuery } from '@/lib/client/table/publications'
import { refMoveQuery } from '@/lib/client/table/refs'
import type { TableIdentifier } from '@/lib/names/identifiers'

/**
 * The effect of publishing a snapshot on the current table.
 *
 * @param isEnabled false during and after the publication, when there is nothing to preview
 */
export function usePublicationReview(table: TableIdentifier, snapshotId: string, isEnabled: boolean) {
  const list = useQuery({ ...publicationsQuery(table, snapshotId), enabled: isEnabled })
  const publication = list.data?.publications[0]
  const branch = publication?.branch ?? null
  const move = useQuery({
    ...refMoveQuery(table, 'main', branch === null ? { snapshotId } : { ref: branch }, null),
    enabled: isEnabled && publication !== undefined,
  })
  const isMissing = list.data !== undefined && publication === undefined
  const error = list.error ?? move.error
  const impact = error ? undefined : move.data?.impact
  return {
    publication,
    branch,
    impact,
    query: { data: isMissing ? list.data : impact, error, refetch: list.error ? list.refetch : move.refetch },
    /** Whether the snapshot is neither on `main` nor unpublished any longer. */
    isMissing: isEnabled && isMissing,
    /** Whether the shown state can be published. */
    isReady: publication?.refusal === null && impact?.toSnapshotId === snapshotId,
  }
}

export type PublicationReviewState = ReturnType<typeof usePublicationReview>
