'use client'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { CommitFooter } from '@/components/changes/commit-footer'
import {
  type CommittedIntents,
  type KeyedIntents,
  useKeyedCommit,
  isReviewable,
} from '@/components/changes/use-keyed-commit'
import { useShownTable } from '@/components/table/frame/shown-table'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { SidePanel } from '@/components/ui/side-panel'
import { TYPING_PAUSE_MS } from '@/components/ui/typing-pause'
import { retryFetch } from '@/lib/client/call/retry'
import { useCommitChanges } from '@/lib/client/table/changes'
import { expiryPreviewQuery } from '@/lib/client/table/expiry'
import { AppError } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import { namespaceLabel } from '@/lib/names/identifiers'
import type { CompletedRefChange } from '../refs/completed-ref-change'
import { draftFromText, draftText, type ExpiryDraft, toChoice } from './expiry-choice'
import { ExpiryFields } from './expiry-fields'
import classes from './expiry-panel.module.css'
import { ExpiryReview } from './expiry-review'

export type ExpiryPanelProps = {
  /** The subject, as text of the address. */
  of: string
  /** Called with the subject when the user chooses other snapshots, for the address. */
  onSubject: (of: string) => void
  /** Called with the snapshots that would go, for the list to show them; null when the panel closes. */
  onGoing: (snapshotIds: ReadonlySet<string> | null) => void
  onClose: () => void
  onDone: (done: CompletedRefChange) => void
}

/** Previews the effect of an expiry on every branch and tag, and asks for the name of the table. */
export function ExpiryPanel({ of, onSubject, onGoing, onClose, onDone }: ExpiryPanelProps) {
  const { table } = useShownTable()
  const commit = useCommitChanges(table)
  const [draft, setDraft] = useState(() => draftFromText(of))
  const choice = toChoice(draft)
  const requested = JSON.stringify(choice)
  const [settled] = useDebouncedValue(requested, TYPING_PAUSE_MS)
  const isSettled = settled === requested
  const preview = useQuery({
    ...expiryPreviewQuery(table, choice ?? {}),
    // During and after the commit there is nothing to preview.
    enabled: choice !== null && isSettled && isReviewable(commit),
  })
  const error = choice === null || !isSettled ? null : preview.error
  const data = choice === null || error ? undefined : preview.data
  const idsProblem = draft.by === 'ids' ? snapshotProblem(error) : null
  const change = (next: ExpiryDraft) => {
    setDraft(next)
    const text = draftText(next)
    if (text !== null && text !== of) onSubject(text)
  }
  const intent = data?.intent ?? null
  const snapshotIds = intent?.kind === 'expire-snapshots' ? intent.snapshotIds : NONE
  useEffect(() => {
    onGoing(new Set(snapshotIds))
    return () => onGoing(null)
  }, [snapshotIds, onGoing])
  const intents = intent === null ? [] : [intent]
  const name = `${namespaceLabel(table.namespace)}.${table.table}`
  const what = snapshotIds.length === 0 ? 'Remove the refs' : `Expire ${formatQuantity(snapshotIds.length, 'snapshot')}`
  const keyed = useKeyedCommit<KeyedIntents, CommittedIntents>(table, intents, commit, ({ auditId }) =>
    onDone({ auditId, canUndo: false, message: `${formatQuantity(snapshotIds.length, 'snapshot')} expired.` }),
  )
  return (
    <SidePanel
      title="Expire snapshots"
      subtitle="Nothing has changed yet"
      width={428}
      onClose={onClose}
      takesFocus
      footer={
        intent !== null &&
        choice !== null && (
          <CommitFooter
            table={table}
            proposed={{ kind: 'expire', ...choice }}
            permission="table:maintain"
            action={what}
            fits={isSettled && !preview.isPlaceholderData}
            needsConfirmation
            isPending={keyed.isPending}
            error={keyed.error}
            outcome={keyed.outcome}
            onClose={onClose}
            onCommit={(confirmedName) => keyed.send({ intents, confirmedName })}
            onProposed={(proposal) => onDone({ proposal })}
          />
        )
      }
    >
      <div className={classes.body}>
        <ExpiryFields draft={draft} idsProblem={idsProblem} onChange={change} />
        {choice !== null && preview.isPending && <SkeletonRows rows={8} columns={5} label="Counting what would go" />}
        {error && idsProblem === null && (
          <ProblemNote
            error={error}
            subject={name}
            onRetry={() => retryFetch(preview.refetch)}
            back={{ label: 'Back to the snapshots', onBack: onClose }}
          />
        )}
        {data && <ExpiryReview preview={data} />}
      </div>
    </SidePanel>
  )
}

const NONE: readonly string[] = []

/** The server's objection to snapshots that it does not know, or that a branch or a tag names. */
function snapshotProblem(error: Error | null): string | null {
  return error instanceof AppError && typeof error.facts['snapshotId'] === 'string' ? error.message : null
}
