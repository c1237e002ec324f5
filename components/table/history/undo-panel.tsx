'use client'
import { useQuery } from '@tanstack/react-query'
import { CommitFooter, type NewProposal } from '@/components/changes/commit-footer'
import { type CommittedIntents, useKeyedCommit, isReviewable } from '@/components/changes/use-keyed-commit'
import { CommitRequest } from '@/components/changes/commit-request'
import { MoveImpact } from '@/components/table/impact/impact-review'
import { SafetyTagFields, useSafetyTag } from '@/components/table/impact/safety-tag-fields'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { SidePanel } from '@/components/ui/side-panel'
import { undoPreviewQuery, type UndoRequest, useUndo } from '@/lib/client/table/history'
import { retryFetch } from '@/lib/client/call/retry'
import { AppError } from '@/lib/errors'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { undoTitle } from '@/lib/format/action-name'
import { UndoChanges } from './undo-changes'
import classes from './undo-panel.module.css'

/** `canRedo`: whether the undo can be undone without another confirmation. */
type CommittedUndo = { auditId: string; canRedo: boolean }

/** The result of an undo: committed or proposed. */
export type CompletedUndo = CommittedUndo | { proposal: NewProposal }

type UndoPanelProps = {
  table: TableIdentifier
  auditId: string
  onClose: () => void
  onDone: (done: CompletedUndo) => void
}

/**
 * Previews an undo. If a branch or a tag loses snapshots, the panel offers a safety tag and asks for the name of the
 * table, as a rollback does; only then has the shown request a tag. A user who may not commit it, or whose policy
 * demands two people, proposes it.
 */
export function UndoPanel({ table, auditId, onClose, onDone }: UndoPanelProps) {
  const undo = useUndo(table)
  const { draft, setDraft, safetyTag, previewedTag, isSettled, isComplete } = useSafetyTag('before-undo')
  // During and after the undo its impact can no longer be computed.
  const isShown = isReviewable(undo)
  const untagged = useQuery({ ...undoPreviewQuery(table, auditId, null), enabled: isShown })
  const isTagged = untagged.data?.needsConfirmation === true && previewedTag !== null
  const tagged = useQuery({ ...undoPreviewQuery(table, auditId, previewedTag), enabled: isShown && isTagged })
  const preview = isTagged ? tagged : untagged
  const name = `${namespaceLabel(table.namespace)}.${table.table}`
  const { data } = preview
  const keyed = useKeyedCommit<Omit<UndoRequest, 'idempotencyKey'>, CommittedIntents>(table, [auditId], undo, (done) =>
    onDone({
      auditId: done.auditId,
      canRedo:
        data !== undefined &&
        (data.impact === null || (data.needsConfirmation && data.impact.addedSnapshotCount === 0)),
    }),
  )
  const proposedTag = data?.needsConfirmation ? safetyTag : null
  return (
    <SidePanel
      title={data ? undoTitle(data.action) : 'Undo'}
      subtitle="Nothing has changed yet"
      width={428}
      onClose={onClose}
      takesFocus
      footer={
        data &&
        !preview.error && (
          <CommitFooter
            table={table}
            proposed={{ kind: 'undo', auditId, undone: data.action, safetyTag: proposedTag }}
            permission="table:maintain"
            action="Undo"
            fits
            isIncomplete={data.needsConfirmation && !(isComplete && isSettled && !preview.isPlaceholderData)}
            needsConfirmation={data.needsConfirmation}
            isPending={keyed.isPending}
            error={keyed.error}
            outcome={keyed.outcome}
            onClose={onClose}
            onCommit={() => keyed.send({ auditId, ...(data.needsConfirmation && { confirmedName: name, safetyTag }) })}
            onProposed={(proposal) => onDone({ proposal })}
          />
        )
      }
    >
      <div className={classes.body}>
        {preview.isPending && <SkeletonRows rows={6} columns={4} label="Preparing the undo" />}
        {preview.error && (
          <ProblemNote
            error={preview.error}
            subject={name}
            {...(isMissingEntry(preview.error)
              ? {
                  title: 'No such entry in the history',
                  next: 'The address may be wrong, or of a table that was dropped. Choose an entry from the list.',
                  back: { label: 'Back to the history', onBack: onClose },
                }
              : { onRetry: () => retryFetch(preview.refetch) })}
          />
        )}
        {data && (
          <>
            <UndoChanges preview={data} />
            {data.impact && <MoveImpact impact={data.impact} hasTag={safetyTag !== null} />}
            {data.needsConfirmation && <SafetyTagFields tag={draft} onChange={setDraft} />}
            <CommitRequest {...data.request} />
          </>
        )}
      </div>
    </SidePanel>
  )
}

/** Whether the table was found, but not the entry of its history. */
function isMissingEntry(error: Error): boolean {
  return error instanceof AppError && error.code === 'not-found' && error.facts['auditId'] !== undefined
}
