'use client'
import { ActionIcon } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { changeReviewQuery, useCommitChanges } from '@/lib/client/table/changes'
import { type Intent, intentSentence, intentTarget } from '@/lib/changes/intents/intent'
import { isIrreversible } from '@/lib/changes/intents/irreversible'
import { formatQuantity } from '@/lib/format/count'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { ActionPanel } from '@/components/changes/action/action-panel'
import { ConflictChoice } from './conflict-choice'
import { ConflictTable } from './conflict-table'
import type { PendingChanges } from '@/lib/client/table/pending-changes'
import type { NewProposal } from '@/components/changes/commit/propose-form'
import { changeParts, ReviewedChanges } from './reviewed-changes'
import { useCommitBlocker } from '@/components/changes/commit/use-commit-blocker'
import { type CommittedIntents, isReviewable, useKeyedIntents } from '@/components/changes/commit/use-keyed-commit'

type ReviewPanelProps = {
  table: TableIdentifier
  pending: PendingChanges
  /** The metadata file that the page shows. */
  shownMetadata: string
  onClose: () => void
  /** `summary`: the committed changes, in words. */
  onCommitted: (committed: CommittedIntents & { summary: string; isUndoable: boolean }) => void
  onProposed: (proposal: NewProposal) => void
}

const MAX_SUMMARIZED = 2

/** The notice has one line: the first changes, and how many more were committed with them. */
function summarizeIntents(intents: readonly Intent[]): string {
  const shown = intents.length <= MAX_SUMMARIZED + 1 ? intents : intents.slice(0, MAX_SUMMARIZED)
  const rest = intents.length - shown.length
  return [...shown.map(intentSentence), ...(rest === 0 ? [] : [`${rest} more changes`])].join(' · ')
}

/** The pending changes as sentences and as the exact request, their conflicts, and *Commit* and *Propose*. */
export function ReviewPanel({ table, pending, shownMetadata, onClose, onCommitted, onProposed }: ReviewPanelProps) {
  const { intents } = pending
  const commit = useCommitChanges(table)
  // After the commit, its own changes would be shown as a conflict.
  const review = useQuery({ ...changeReviewQuery(table, intents), enabled: isReviewable(commit) })
  const commitOff = useCommitBlocker(table)
  const write = useKeyedIntents(table, intents, commit, ({ auditId, metadataLocation }) =>
    onCommitted({
      auditId,
      metadataLocation,
      summary: summarizeIntents(intents),
      isUndoable: !intents.some(isIrreversible),
    }),
  )
  const conflicts = review.data?.conflicts ?? []
  const problem = review.data?.problem ?? null
  return (
    <ActionPanel
      title={`Review ${formatQuantity(intents.length, 'change')}`}
      subtitle={commitOff.reason === null ? 'one commit' : 'one proposal'}
      width={468}
      entry={table}
      choices={
        <ReviewedChanges
          table={table}
          intents={intents}
          problem={problem}
          figures={review.data?.figures}
          action={(intent) => (
            <ActionIcon
              aria-label={`Discard: ${intentSentence(intent)}`}
              onClick={() => pending.drop(intentTarget(intent))}
              size={24}
            >
              <IconX size={13} stroke={1.6} aria-hidden />
            </ActionIcon>
          )}
        />
      }
      query={review}
      {...changeParts(review.data, intents.length)}
      write={write}
      action={{
        proposed: { kind: 'change-table', intents: [...intents] },
        fits: review.isSuccess && conflicts.length === 0 && problem === null,
        needsConfirmation: review.data?.needsConfirmation === true,
        safe:
          review.data?.metadataLocation === shownMetadata
            ? 'The table has not changed since you started.'
            : 'The changes fit the table as it is now.',
        commit: (confirmedName) => write.send({ intents, confirmedName }),
      }}
      closeLabel="Close"
      onClose={onClose}
      onProposed={onProposed}
    >
      {conflicts.length > 0 && (
        <ConflictTable
          conflicts={conflicts}
          intents={intents}
          requestedBy="Yours"
          advice={`Another client changed ${conflicts.length === 1 ? 'this' : 'these'} after you started.`}
          choice={(intent, conflict) => <ConflictChoice {...{ intent, conflict, pending }} />}
        />
      )}
    </ActionPanel>
  )
}
