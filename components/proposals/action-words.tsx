import classes from '@/components/changes/review-result.module.css'
import type { ProposedViewAction } from '@/lib/contract/lifecycle/view-proposals'
import type { ProposedAction } from '@/lib/contract/shapes/proposed-action'
import { actionSentence } from '@/lib/proposals/action-sentence'

/** The goal of a proposed action. Its changes are shown below, on the table as it is. */
export function ActionWords({ action }: { action: ProposedAction | ProposedViewAction }) {
  return (
    <section>
      <h3 className={classes.heading}>Change</h3>
      <p>{actionSentence(action)}</p>
    </section>
  )
}
