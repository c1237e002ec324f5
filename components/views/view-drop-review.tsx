import type { ActionReviewProps } from '@/components/changes/action/action-review'
import classes from '@/components/table/lifecycle/lifecycle-panel.module.css'
import { toScripts } from '@/components/table/lifecycle/lifecycle-scripts'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { Facts } from '@/components/ui/values/facts'
import type { ViewDropReview } from '@/lib/contract/lifecycle/views'
import { formatQuantity } from '@/lib/format/count'

/** The parts of the review of a drop of a view, except for its details. */
export function viewDropParts(review: ViewDropReview | undefined): ActionReviewProps {
  return {
    skeleton: [4, 2, 'Reading what the view has'],
    ...(review && {
      warnings: review.dropProblem === null ? [] : [review.dropProblem],
      request: review.request,
      scripts: toScripts(review.statements),
    }),
  }
}

/** The objects that are dropped with a view. */
export function ViewDropDetails({ review }: { review: ViewDropReview }) {
  return (
    <>
      {review.problem !== null && <WarningNote>The metadata of the view cannot be read. {review.problem}</WarningNote>}
      <Facts
        isInSidePanel
        facts={[
          ['Versions', formatQuantity(review.versionCount, 'version')],
          ['Dialects', review.dialects.join(', ') || 'none'],
        ]}
      />
      <ul className={classes.sentences}>
        <li>No rows are removed: a view has none of its own.</li>
        <li>Queries, and views that read this one, will fail.</li>
        <li>
          {review.canRestore
            ? 'Its metadata files stay, so it can be restored at any time, from the menu of its namespace.'
            : 'Its metadata files stay, so an engine can register it again from the last one.'}
        </li>
      </ul>
    </>
  )
}
