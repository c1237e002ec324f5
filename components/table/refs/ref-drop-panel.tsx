'use client'
import type { CompletedAction } from '@/components/changes/commit/action-notice'
import { ActionPanel } from '@/components/changes/action/action-panel'
import { useKeyedIntents } from '@/components/changes/commit/use-keyed-commit'
import { useReview } from '@/components/changes/action/use-review'
import { useShownTable } from '@/components/table/frame/shown-table'
import { useCommitChanges } from '@/lib/client/table/changes'
import { refDropQuery } from '@/lib/client/table/refs'
import { SafetyTagFields, useSafetyTag, withSafetyTag } from '../impact/safety-tag-fields'
import { REF_DROP_SKELETON, RefDropReview } from './ref-drop-review'

type RefDropPanelProps = {
  refName: string
  onClose: () => void
  onDone: (done: CompletedAction) => void
}

/** Previews the removal of a branch or a tag. It offers a safety tag if only a tag would retain the snapshots. */
export function RefDropPanel({ refName, onClose, onDone }: RefDropPanelProps) {
  const { table } = useShownTable()
  const commit = useCommitChanges(table)
  const { draft, setDraft, safetyTag, previewedTag, isComplete } = useSafetyTag('remove')
  const { query, data } = useReview(refDropQuery(table, refName, previewedTag), commit)
  const intents = data ? [withSafetyTag(data, safetyTag)] : []
  const write = useKeyedIntents(table, intents, commit, ({ auditId }) =>
    onDone({ auditId, canUndo: true, message: `${refName} was removed.` }),
  )
  return (
    <ActionPanel
      title={`Remove ${refName}`}
      entry={table}
      query={query}
      skeleton={REF_DROP_SKELETON}
      problem={{ back: { label: 'Back to the snapshots', onBack: onClose } }}
      request={data?.request}
      write={write}
      action={
        data
          ? {
              proposed: { kind: 'change-table', intents },
              permission: 'table:maintain',
              label: 'Remove',
              subject: refName,
              isIncomplete: data.needsConfirmation && !isComplete,
              needsConfirmation: data.needsConfirmation,
              commit: (confirmedName) => write.send({ intents, confirmedName }),
            }
          : null
      }
      onClose={onClose}
      onProposed={(proposal) => onDone({ proposal })}
    >
      {data && <RefDropReview refName={refName} preview={data} hasSafetyTag={safetyTag !== null} />}
      {data && data.unreferencedSnapshotIds.length > 0 && <SafetyTagFields tag={draft} onChange={setDraft} />}
    </ActionPanel>
  )
}
