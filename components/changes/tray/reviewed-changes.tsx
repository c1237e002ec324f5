import type { ReactNode } from 'react'
import type { ChangeReview } from '@/lib/contract/table/changes'
import { type Intent, intentEffects, intentSentence } from '@/lib/changes/intents/intent'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { TableUse } from '@/lib/contract/table/uses'
import { lostColumns } from '@/lib/uses/lost-columns'
import { concernsReaders, type ReaderEffect, readerEffects } from '@/lib/uses/reader-effects'
import type { ActionReviewProps } from '@/components/changes/action/action-review'
import { clientDemands } from '@/lib/changes/intents/client-support'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { ChangeList } from './change-list'
import classes from './reviewed-changes.module.css'

const LazyClientSupportNote = lazyComponent(
  async () => (await import('@/components/changes/action/client-support-note')).ClientSupportNote,
)

const LazyReaderEffectsNote = lazyComponent(
  async () => (await import('@/components/changes/action/reader-effects-note')).ReaderEffectsNote,
)

/** The sentences of changes, and why one of them cannot be carried out. */
export function ReviewedChanges({
  table,
  intents,
  problem,
  figures,
  action,
  remedy,
}: {
  table: TableIdentifier
  intents: readonly Intent[]
  problem: ChangeReview['problem']
  /** Figures of the current table; absent until they are known, and if the table may have changed since. */
  figures?: ChangeReview['figures'] | undefined
  action?: (intent: Intent) => ReactNode
  /** A button that mends a reader with the same commit, in place of its link. */
  remedy?: (effect: ReaderEffect) => ReactNode
}) {
  const refused = problem && intents[problem.index]
  return (
    <section>
      <h3 className={classes.heading}>Changes</h3>
      <ChangeList intents={intents} note={(intent) => intentEffects(intent, figures)} {...(action && { action })} />
      {problem && (
        <p className={classes.problem} role="alert">
          {refused && `${intentSentence(refused)}: `}
          {problem.message}
        </p>
      )}
      {!problem && concernsReaders(intents) && (
        <LazyReaderEffectsNote
          entry={table}
          toEffects={(uses: readonly TableUse[]) => readerEffects(table, uses, intents)}
          lost={lostColumns(intents).length > 0 ? 'columns' : null}
          remedy={remedy}
        />
      )}
      {!problem && clientDemands(intents).length > 0 && <LazyClientSupportNote table={table} intents={intents} />}
    </section>
  )
}

/** The parts of the review of changes of a table, except for the changes and their conflicts. */
export function changeParts(review: ChangeReview | undefined, changeCount: number): ActionReviewProps {
  return {
    skeleton: [6, 1, 'Preparing the commit'],
    changeCount,
    ...(review && {
      warnings: review.warnings,
      ...(review.scripts && { request: review.request, scripts: review.scripts }),
    }),
  }
}
