'use client'
import { ActionIcon } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { changeReviewQuery, useCommitChanges } from '@/lib/client/table/changes'
import { type Intent, intentSentence, intentTarget } from '@/lib/changes/intents/intent'
import { isIrreversible } from '@/lib/changes/intents/irreversible'
import { withCurrentNames } from '@/lib/changes/intents/current-names'
import { formatQuantity } from '@/lib/format/count'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { ActionPanel } from '@/components/changes/action/action-panel'
import { useMightBreak } from '@/components/changes/action/use-might-break'
import { useReview } from '@/components/changes/action/use-review'
import { canRenameCheck, CheckRename } from './check-rename'
import { ConflictChoice } from './conflict-choice'
import { ConflictTable } from './conflict-table'
import { tableTipQuery } from '@/lib/client/table/tables'
import type { TableDetail } from '@/lib/contract/table/tables'
import type { PendingChanges } from '@/lib/client/table/pending-changes'
import type { NewProposal } from '@/components/changes/commit/propose-form'
import { changeParts, ReviewedChanges } from './reviewed-changes'
import { useCommitBlocker } from '@/components/changes/commit/use-commit-blocker'
import { type CommittedIntents, useKeyedIntents } from '@/components/changes/commit/use-keyed-commit'

type ReviewPanelProps = {
  table: TableIdentifier
  pending: PendingChanges
  /** The table as the page shows it. */
  detail: TableDetail
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

/** @param startedAt the metadata file that the first of the changes was made on; null if that is not known */
function fitSentence(startedAt: string | null, reviewedAt: string | undefined): string {
  if (startedAt === null) return 'The changes fit the table as it is now.'
  if (startedAt === reviewedAt) return 'The table has not changed since you started.'
  return 'The table has changed since you started. The changes still fit it.'
}

/** The pending changes as sentences and as the exact request, their conflicts, and *Commit* and *Propose*. */
export function ReviewPanel({ table, pending, detail, onClose, onCommitted, onProposed }: ReviewPanelProps) {
  const { intents } = pending
  const { tableUuid } = detail
  const commit = useCommitChanges(table, tableUuid)
  const { data: tip = detail } = useQuery(tableTipQuery(table))
  // Only to read: a name that was changed since is found as a conflict by the name that the person saw.
  const named = withCurrentNames(intents, tip.schema)
  const { query: review } = useReview(
    changeReviewQuery(table, intents, { tableUuid, tip: tip.metadataLocation }),
    commit,
  )
  const commitOff = useCommitBlocker(table)
  const breaksReaders = useMightBreak(table, named)
  const write = useKeyedIntents(table, intents, commit, ({ auditId, metadataLocation }) =>
    onCommitted({
      auditId,
      metadataLocation,
      summary: summarizeIntents(named),
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
          intents={named}
          problem={problem}
          figures={review.data?.figures}
          remedy={(effect) => {
            const rename = { table, effect, intents: named, detail: tip }
            return canRenameCheck(rename) ? <CheckRename {...rename} pending={pending} /> : null
          }}
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
        worded: { kind: 'change-table', intents: [...named] },
        fits: review.isSuccess && conflicts.length === 0 && problem === null,
        needsConfirmation: review.data?.needsConfirmation === true || breaksReaders === true,
        isIncomplete: breaksReaders === undefined,
        safe: fitSentence(pending.startedAt, review.data?.metadataLocation),
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
          worded={named}
          requestedBy="Yours"
          advice={`Another client changed ${conflicts.length === 1 ? 'this' : 'these'} after you started.`}
          choice={(intent, conflict) => <ConflictChoice {...{ intent, conflict, pending }} />}
        />
      )}
    </ActionPanel>
  )
}
