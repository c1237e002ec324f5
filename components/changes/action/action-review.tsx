'use client'
import type { ComponentProps, ReactNode } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { WarningNote } from '@/components/ui/notes/warning-note'
import type { Refetch } from '@/lib/client/call/retry'
import type { EngineScripts } from '@/lib/contract/shapes/engine-scripts'
import classes from './action-review.module.css'
import { CommitRequest, type KnownRequest } from './commit-request'
import { CommitTabs } from './commit-tabs'

/** The query that reads the review of an action. */
export type ReviewQuery = { data: unknown; error: Error | null; refetch: Refetch }

/** Rows, columns and label of the skeleton of a review. */
export type ReviewSkeleton = readonly [rows: number, columns: number, label: string]

export type ActionReviewProps = {
  /** Null while nothing is chosen that could be reviewed. */
  query?: ReviewQuery | null
  skeleton?: ReviewSkeleton
  /** Adds to the problem of the query. */
  problem?: Pick<ComponentProps<typeof Unloaded>, 'title' | 'next' | 'back' | 'isFinal'>
  warnings?: readonly string[] | undefined
  /** The exact request; a text explains why it is unknown so far. */
  request?: KnownRequest | string | null | undefined
  /** The same change as other engines make it; absent if they cannot. */
  scripts?: EngineScripts | null | undefined
  /** How many changes the request has. */
  changeCount?: number
  /** Whether a click shows the request: where it would be longer than the rest, above the action. */
  isRequestFolded?: boolean
  /** The effect of the action. */
  children?: ReactNode
}

const NO_SKELETON: ReviewSkeleton = [4, 2, 'Preparing the review']

/**
 * The review of an action, in a panel and on the page of its proposal: the state of the query that reads it, warnings,
 * the effect, and the exact request with the scripts for other engines.
 *
 * @param props.subject the entry, as a problem names it
 */
export function ActionReview({
  query = null,
  skeleton = NO_SKELETON,
  problem = {},
  subject,
  warnings = [],
  request,
  scripts,
  changeCount = 1,
  isRequestFolded = false,
  children,
}: ActionReviewProps & { subject: string }) {
  const commit =
    request && scripts ? (
      <CommitTabs request={request} scripts={scripts} changeCount={changeCount} />
    ) : (
      request && typeof request !== 'string' && <CommitRequest {...request} />
    )
  return (
    <>
      {query && <Unloaded query={query} subject={subject} skeleton={skeleton} {...problem} />}
      {warnings.map((warning) => (
        <WarningNote key={warning}>{warning}</WarningNote>
      ))}
      {children}
      {commit && isRequestFolded ? (
        <details className={classes.folded}>
          <summary>The exact request</summary>
          {commit}
        </details>
      ) : (
        commit
      )}
    </>
  )
}
