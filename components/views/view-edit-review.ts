import type { ActionReviewProps } from '@/components/changes/action/action-review'
import type { ViewEditReview } from '@/lib/contract/lifecycle/views'

/**
 * The parts of the review of a change of a view.
 *
 * @param sinceThen when another version became current, and what to do then
 */
export function viewEditParts(review: ViewEditReview | undefined, sinceThen: string): ActionReviewProps {
  if (review === undefined) return { skeleton: [4, 2, 'Checking the change'] }
  const { blockers, conflict, warnings, request, scripts } = review
  return {
    warnings: [
      ...(conflict ? [`Version ${conflict.versionId} became current ${sinceThen}`] : []),
      ...blockers.map(({ message }) => message),
      ...warnings,
    ],
    ...(scripts && { request, scripts }),
  }
}

/** Whether the change can be made on the view as it is. */
export function isFitting(review: ViewEditReview | undefined): boolean {
  return review !== undefined && review.blockers.length === 0 && review.conflict === null
}
