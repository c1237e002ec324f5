'use client'
import { useEffect, useState } from 'react'
import type { CompletedAction } from '@/components/changes/commit/action-notice'
import { ActionPanel } from '@/components/changes/action/action-panel'
import { useKeyedIntents } from '@/components/changes/commit/use-keyed-commit'
import { useReview } from '@/components/changes/action/use-review'
import { useShownTable } from '@/components/table/frame/shown-table'
import { useSettled } from '@/components/ui/use-settled'
import { useCommitChanges } from '@/lib/client/table/changes'
import { expiryPreviewQuery } from '@/lib/client/table/expiry'
import { AppError } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import { tableDefaults } from '@/components/table/refs/table-defaults'
import { draftFromText, draftText, emptyExpiryAdvice, type ExpiryDraft, toChoice } from './expiry-choice'
import { ExpiryFields } from './expiry-fields'
import { expiryParts } from './expiry-review'

export type ExpiryPanelProps = {
  /** The subject, as text of the address. */
  of: string
  /** Called with the subject when the user chooses other snapshots, for the address. */
  onSubject: (of: string) => void
  /** Called with the snapshots that would go, for the list to show them; null when the panel closes. */
  onGoing: (snapshotIds: ReadonlySet<string> | null) => void
  onClose: () => void
  onDone: (done: CompletedAction) => void
}

/** Previews the effect of an expiry on every branch and tag, and asks for the name of the table. */
export function ExpiryPanel({ of, onSubject, onGoing, onClose, onDone }: ExpiryPanelProps) {
  const { table, detail } = useShownTable()
  const commit = useCommitChanges(table)
  const [draft, setDraft] = useState(() => draftFromText(of))
  const choice = toChoice(draft)
  const requested = JSON.stringify(choice)
  const settled = useSettled(requested)
  const isSettled = settled === requested
  const { query, data: preview } = useReview(
    expiryPreviewQuery(table, choice ?? {}),
    commit,
    choice !== null && isSettled,
  )
  const error = choice === null || !isSettled ? null : query.error
  const data = choice === null || error ? undefined : preview
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
  const label =
    snapshotIds.length === 0 ? 'Remove the refs' : `Expire ${formatQuantity(snapshotIds.length, 'snapshot')}`
  const write = useKeyedIntents(table, intents, commit, ({ auditId }) =>
    onDone({ auditId, canUndo: false, message: `${formatQuantity(snapshotIds.length, 'snapshot')} expired.` }),
  )
  return (
    <ActionPanel
      title="Expire snapshots"
      entry={table}
      choices={
        <ExpiryFields
          draft={draft}
          idsProblem={idsProblem}
          defaults={tableDefaults(detail.properties)}
          onChange={change}
        />
      }
      query={choice === null || idsProblem !== null ? null : { ...query, error }}
      problem={{ back: { label: 'Back to the snapshots', onBack: onClose } }}
      {...expiryParts(data, choice && emptyExpiryAdvice(choice, detail.properties))}
      write={write}
      action={
        intent !== null && choice !== null
          ? {
              proposed: { kind: 'expire', ...choice },
              label,
              fits: isSettled && !query.isPlaceholderData,
              needsConfirmation: true,
              commit: (confirmedName) => write.send({ intents, confirmedName }),
            }
          : null
      }
      onClose={onClose}
      onProposed={(proposal) => onDone({ proposal })}
    />
  )
}

const NONE: readonly string[] = []

/** The server's objection to snapshots that it does not know, or that a branch or a tag names. */
function snapshotProblem(error: Error | null): string | null {
  return error instanceof AppError && typeof error.facts['snapshotId'] === 'string' ? error.message : null
}
