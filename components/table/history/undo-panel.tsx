'use client'
import type { CompletedAction } from '@/components/changes/commit/action-notice'
import { ActionPanel } from '@/components/changes/action/action-panel'
import type { ActionReviewProps } from '@/components/changes/action/action-review'
import { type CommittedIntents, useKeyedCommit } from '@/components/changes/commit/use-keyed-commit'
import { useReview } from '@/components/changes/action/use-review'
import { SafetyTagFields, useSafetyTag } from '@/components/table/impact/safety-tag-fields'
import { undoPreviewQuery, type UndoRequest, useUndo } from '@/lib/client/table/history'
import { AppError } from '@/lib/errors'
import { undoTitle } from '@/lib/format/action-name'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { UNDO_SKELETON, UndoEffect } from './undo-effect'

type UndoPanelProps = {
  table: TableIdentifier
  auditId: string
  onClose: () => void
  onDone: (done: CompletedAction) => void
}

/**
 * Previews an undo. If a branch or a tag loses snapshots, the panel offers a safety tag and asks for the name of the
 * table, as a rollback does; only then has the shown request a tag. A user who may not commit it, or whose policy
 * demands two people, proposes it.
 */
export function UndoPanel({ table, auditId, onClose, onDone }: UndoPanelProps) {
  const undo = useUndo(table)
  const { draft, setDraft, safetyTag, previewedTag, isSettled, isComplete } = useSafetyTag('undo')
  const untagged = useReview(undoPreviewQuery(table, auditId, null), undo)
  const isTagged = untagged.data?.needsConfirmation === true && previewedTag !== null
  const tagged = useReview(undoPreviewQuery(table, auditId, previewedTag), undo, isTagged)
  const { query, data } = isTagged ? tagged : untagged
  const write = useKeyedCommit<Omit<UndoRequest, 'idempotencyKey'>, CommittedIntents>(table, [auditId], undo, (done) =>
    onDone({
      auditId: done.auditId,
      isRedo: true,
      message: 'Undone.',
      canUndo:
        data !== undefined &&
        (data.impact === null || (data.needsConfirmation && data.impact.addedSnapshotCount === 0)),
    }),
  )
  const proposedTag = data?.needsConfirmation ? safetyTag : null
  return (
    <ActionPanel
      title={data ? undoTitle(data.action) : 'Undo'}
      entry={table}
      query={query}
      skeleton={UNDO_SKELETON}
      problem={describeProblem(query.error, onClose)}
      request={data?.request}
      write={write}
      action={
        data
          ? {
              proposed: { kind: 'undo', auditId, undone: data.action, safetyTag: proposedTag },
              label: 'Undo',
              isIncomplete: data.needsConfirmation && !(isComplete && isSettled && !query.isPlaceholderData),
              needsConfirmation: data.needsConfirmation,
              commit: (confirmedName = '') =>
                write.send({ auditId, ...(data.needsConfirmation && { confirmedName, safetyTag }) }),
            }
          : null
      }
      onClose={onClose}
      onProposed={(proposal) => onDone({ proposal })}
    >
      {data && <UndoEffect preview={data} hasTag={safetyTag !== null} />}
      {data?.needsConfirmation && <SafetyTagFields tag={draft} onChange={setDraft} />}
    </ActionPanel>
  )
}

/** Problems that no retry solves: the history has no such entry, or the table has changed since. */
function describeProblem(error: Error | null, onClose: () => void): NonNullable<ActionReviewProps['problem']> {
  if (!(error instanceof AppError)) return {}
  const back = { label: 'Back to the history', onBack: onClose }
  if (error.code === 'not-found' && error.facts['auditId'] !== undefined)
    return {
      title: 'No such entry in the history',
      next: 'The address may be wrong, or of a table that was dropped. Choose an entry from the list.',
      back,
      isFinal: true,
    }
  if (error.code === 'commit-conflict')
    return {
      title: 'It cannot be undone now',
      next: 'Undo the later change first, or make the opposite change yourself.',
      back,
      isFinal: true,
    }
  return {}
}
