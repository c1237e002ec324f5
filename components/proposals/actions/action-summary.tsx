import classes from '@/components/changes/review-result.module.css'
import type { EntryAction } from '@/lib/contract/proposals'
import { actionSentence } from '@/lib/proposals/action-sentence'

/** The sentence of a proposed action. Its effects on the entry as it is are shown below. */
export function ActionSummary({ action }: { action: EntryAction }) {
  return (
    <section>
      <h3 className={classes.heading}>Change</h3>
      <p>{actionSentence(action)}</p>
    </section>
  )
}
