'use client'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { CommitRequest } from '@/components/changes/commit-request'
import { isOutcomeKnown, useIdempotencyKey } from '@/components/changes/use-idempotency-key'
import { useShownTable } from '@/components/tables/shown-table'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { SidePanel } from '@/components/ui/side-panel'
import { retryFetch } from '@/lib/client/call/retry'
import { useCommitChanges } from '@/lib/client/changes'
import { expiryPreviewQuery } from '@/lib/client/expiry'
import { formatQuantity } from '@/lib/format/count'
import { namespaceLabel } from '@/lib/iceberg/identifiers'
import type { CompletedRefChange } from '../completed-ref-change'
import { RefCommitFooter } from '../ref-commit-footer'
import { FIRST_DRAFT, subjectFromText, toChoice } from './expiry-choice'
import { ExpiryCount, useExpiryCount } from './expiry-count'
import { ExpiryFields } from './expiry-fields'
import classes from './expiry-panel.module.css'
import { ExpirySentences, NothingExpires } from './expiry-sentences'
import { ExpiryTable } from './expiry-table'

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
  const count = useExpiryCount(data)
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
        intent !== null &&
        data?.demandedBy === null && (
          <RefCommitFooter
            name={name}
            refName="The table"
            action={what}
            needsConfirmation
            isPending={commit.isPending}
            error={commit.error}
            isDisabled={preview.isPlaceholderData}
            onCancel={onClose}
            onConfirm={confirm}
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
        {data && intent === null && <NothingExpires />}
        {data && intent !== null && (
          <>
            <ExpiryTable snapshots={data.snapshots} files={count.files} />
            {data.filesProblem === null && count.files === null && <ExpiryCount count={count} />}
            {data.filesProblem !== null && (
              <WarningNote>
                The files cannot be counted, and a job could not remove them: {data.filesProblem}
              </WarningNote>
            )}
            <ExpirySentences preview={data} files={count.files} removeFilesAfterMs={choice.removeFilesAfterMs} />
            {data.demandedBy !== null && (
              <WarningNote>
                Changes of tables in <strong>{data.demandedBy}</strong> need two people, so this cannot be committed
                from here. Propose it over the API with the intent of this dry run; another user then commits it.
              </WarningNote>
            )}
            {data.request && <CommitRequest {...data.request} />}
          </>
        )}
      </div>
    </SidePanel>
  )
}

const NONE: readonly string[] = []
