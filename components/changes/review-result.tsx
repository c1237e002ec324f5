import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { z } from 'zod'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { retryFetch } from '@/lib/client/call/retry'
import type { reviewChanges } from '@/lib/contract/table/changes'
import { type Intent, intentEffects, intentSentence } from '@/lib/changes/intents/intent'
import { ChangeList } from './change-list'
import { CommitTabs } from './commit-tabs'
import classes from './review-result.module.css'

export type ChangeReview = z.output<typeof reviewChanges.output>

/** The sentences of changes, and why one of them cannot be carried out. */
export function ReviewedChanges({
  intents,
  problem,
  figures,
  action,
}: {
  intents: readonly Intent[]
  problem: ChangeReview['problem']
  /** Figures of the current table; absent until they are known, and if the table may have changed since. */
  figures?: ChangeReview['figures'] | undefined
  action?: (intent: Intent) => ReactNode
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
    </section>
  )
}

/** The review of changes on the current table: warnings, conflicts, the request and the scripts. */
export function ReviewResult({
  review,
  name,
  changeCount,
  conflicts,
}: {
  review: UseQueryResult<ChangeReview>
  /** Namespace and name of the table. */
  name: string
  changeCount: number
  /** Null without any. */
  conflicts: ReactNode
}) {
  const { data } = review
  const warnings = data?.warnings ?? []
  return (
    <>
      {warnings.length > 0 && (
        <WarningNote>
          {warnings.length === 1 ? (
            warnings[0]
          ) : (
            <ul className={classes.warnings}>
              {warnings.map((warning) => (
                <li key={warning}>{warning}</li>
              ))}
            </ul>
          )}
        </WarningNote>
      )}
      {review.isPending && <SkeletonRows rows={6} columns={1} label="Preparing the commit" />}
      {review.error && <ProblemNote error={review.error} subject={name} onRetry={() => retryFetch(review.refetch)} />}
      {conflicts}
      {data?.request && data.scripts && (
        <CommitTabs request={data.request} scripts={data.scripts} changeCount={changeCount} />
      )}
    </>
  )
}
