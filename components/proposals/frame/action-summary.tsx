import Link from 'next/link'
import classes from '@/components/changes/tray/reviewed-changes.module.css'
import type { EntryAction } from '@/lib/contract/proposals'
import { actionSentence } from '@/lib/proposals/action-sentence'

type ActionSummaryProps = {
  action: EntryAction
  /** The entry of the history that an undo is about. */
  undoneHref?: string
}

/** The sentence of a proposed action. Its effects on the entry as it is are shown below. */
export function ActionSummary({ action, undoneHref }: ActionSummaryProps) {
  return (
    <section>
      <h3 className={classes.heading}>Change</h3>
      <p>
        {actionSentence(action)}
        {undoneHref !== undefined && (
          <>
            {' '}
            · <Link href={undoneHref}>what is undone, in the history</Link>
          </>
        )}
      </p>
    </section>
  )
}
