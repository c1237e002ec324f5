import classes from '@/components/changes/review-result.module.css'
import type { EntryAction } from '@/lib/contract/proposals'
import { actionSentence } from '@/lib/proposals/action-sentence'

/** What a proposed action is for. What it does is shown below, on the entry as it is. */
export function ActionWords({ action }: { action: EntryAction }) {
  return (
    <section>
      <h3 className={classes.heading}>Change</h3>
      <p>{actionSentence(action)}</p>
    </section>
  )
}
