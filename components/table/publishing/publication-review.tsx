import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { retryFetch } from '@/lib/client/call/retry'
import { PublishReview } from './publish-review'
import type { PublicationReviewState } from './use-publication-review'

type PublicationReviewProps = {
  snapshotId: string
  review: PublicationReviewState
  /** Namespace and name of the table. */
  name: string
}

/** The effect of a publication, or why it is unknown. */
export function PublicationReview({ snapshotId, review, name }: PublicationReviewProps) {
  const { publication, impact, error, isPending, isMissing, refetch } = review
  if (error) return <ProblemNote error={error} subject={name} onRetry={() => retryFetch(refetch)} />
  if (isPending) return <SkeletonRows rows={6} columns={4} label="Comparing the two snapshots" />
  if (isMissing)
    return <EmptyState>Nothing is to be published at snapshot {snapshotId}: main has it, or it is gone.</EmptyState>
  return publication && impact ? <PublishReview publication={publication} impact={impact} /> : null
}
