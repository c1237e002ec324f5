'use client'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { CommitFooter } from '@/components/changes/commit-footer'
import { useIdempotencyKey } from '@/components/changes/use-idempotency-key'
import { isOutcomeKnown } from '@/lib/client/call/idempotency-key'
import { useShownTable } from '@/components/tables/shown-table'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { SidePanel } from '@/components/ui/side-panel'
import { retryFetch } from '@/lib/client/call/retry'
import { useCommitChanges } from '@/lib/client/table/changes'
import { expiryPreviewQuery } from '@/lib/client/table/expiry'
import { formatQuantity } from '@/lib/format/count'
import { namespaceLabel } from '@/lib/iceberg/identifiers'
import type { CompletedRefChange } from '../refs/completed-ref-change'
import { FIRST_DRAFT, subjectFromText, toChoice } from './expiry-choice'
import { ExpiryFields } from './expiry-fields'
import classes from './expiry-panel.module.css'
import { ExpiryReview } from './expiry-review'

export type ExpiryPanelProps = {
  /** What it is about, as text of the address. */
  of: string
  /** Called with the snapshots that would go, for the list to show them; null when the panel closes. */
  onGoing: (snapshotIds: ReadonlySet<string> | null) => void
  onClose: () => void
  onDone: (done: CompletedRefChange) => void
}

/** What an expiry removes, before it does: over every branch and tag, with the name of the table to confirm. */
export function ExpiryPanel({ of, onGoing, onClose, onDone }: ExpiryPanelProps) {
  const { table } = useShownTable()
  const commit = useCommitChanges(table)
  const [draft, setDraft] = useState(FIRST_DRAFT)
  const subject = subjectFromText(of)
  const choice = toChoice(subject, draft)
  const preview = useQuery({
    ...expiryPreviewQuery(table, choice),
    // During and after the commit there is nothing to preview.
    enabled: !commit.isPending && !commit.isSuccess,
  })
  const data = preview.error ? undefined : preview.data
  const intent = data?.intent ?? null
  const snapshotIds = intent?.kind === 'expire-snapshots' ? intent.snapshotIds : NONE
  useEffect(() => {
    onGoing(new Set(snapshotIds))
    return () => onGoing(null)
  }, [snapshotIds, onGoing])
  const intents = intent === null ? [] : [intent]
  const [idempotencyKey, renewKey] = useIdempotencyKey(intents)
  const name = `${namespaceLabel(table.namespace)}.${table.table}`
  const what = snapshotIds.length === 0 ? 'Remove the refs' : `Expire ${formatQuantity(snapshotIds.length, 'snapshot')}`
  const confirm = (confirmedName?: string) =>
    commit.mutate(
      { intents, confirmedName, idempotencyKey },
      {
        onSuccess: ({ auditId }) =>
          onDone({ auditId, canUndo: false, message: `${formatQuantity(snapshotIds.length, 'snapshot')} expired.` }),
        // What was refused for sure can be sent again; an unknown outcome keeps its key.
        onError: (error) => isOutcomeKnown(error) && renewKey(),
      },
    )
  return (
    <SidePanel
      title="Expire snapshots"
      subtitle="Nothing has changed yet"
      width={428}
      onClose={onClose}
      takesFocus
      footer={
        intent !== null && (
          <CommitFooter
            table={table}
            proposed={{ intents: [], action: { kind: 'expire', ...choice } }}
            permission="table:maintain"
            action={what}
            fits={!preview.isPlaceholderData}
            needsConfirmation
            isPending={commit.isPending}
            error={commit.error}
            onClose={onClose}
            onCommit={confirm}
            onProposed={(proposal) => onDone({ proposal })}
          />
        )
      }
    >
      <div className={classes.body}>
        <ExpiryFields subject={subject} draft={draft} onChange={setDraft} />
        {preview.isPending && <SkeletonRows rows={8} columns={5} label="Counting what would go" />}
        {preview.error && (
          <ProblemNote
            error={preview.error}
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
