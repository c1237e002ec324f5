'use client'
import { useQuery } from '@tanstack/react-query'
import { Unloaded } from '@/components/shell/unloaded'
import { CommitFooter } from '@/components/changes/commit-footer'
import { CommitRequest } from '@/components/changes/commit-request'
import {
  type CommittedIntents,
  type KeyedIntents,
  useKeyedCommit,
  isReviewable,
} from '@/components/changes/use-keyed-commit'
import { useShownTable } from '@/components/table/frame/shown-table'
import { SidePanel } from '@/components/ui/side-panel'
import { useCommitChanges } from '@/lib/client/table/changes'
import { refDropQuery } from '@/lib/client/table/refs'
import { namespaceLabel } from '@/lib/names/identifiers'
import classes from './ref-move-panel.module.css'
import type { CompletedRefChange } from './completed-ref-change'
import { RefDropReview } from './ref-drop-review'
import { SafetyTagFields, useSafetyTag, withSafetyTag } from '../impact/safety-tag-fields'

type RefDropPanelProps = {
  refName: string
  onClose: () => void
  onDone: (done: CompletedRefChange) => void
}

/** Previews the removal of a branch or a tag. It offers a safety tag if only a tag would retain the snapshots. */
export function RefDropPanel({ refName, onClose, onDone }: RefDropPanelProps) {
  const { table } = useShownTable()
  const commit = useCommitChanges(table)
  const { draft, setDraft, safetyTag, previewedTag, isComplete } = useSafetyTag('before-remove')
  const preview = useQuery({
    ...refDropQuery(table, refName, previewedTag),
    // During and after the removal there is nothing to preview.
    enabled: isReviewable(commit),
  })
  const { data } = preview
  const intents = data ? [withSafetyTag(data, safetyTag)] : []
  const name = `${namespaceLabel(table.namespace)}.${table.table}`
  const keyed = useKeyedCommit<KeyedIntents, CommittedIntents>(table, intents, commit, ({ auditId }) =>
    onDone({ auditId, canUndo: true, message: `${refName} was removed.` }),
  )
  return (
    <SidePanel
      title={`Remove ${refName}`}
      subtitle="Nothing has changed yet"
      width={428}
      onClose={onClose}
      takesFocus
      footer={
        data &&
        !preview.error && (
          <CommitFooter
            table={table}
            proposed={{ kind: 'change-table', intents: [...intents] }}
            permission="table:maintain"
            action="Remove"
            subject={refName}
            fits
            isIncomplete={data.needsConfirmation && !isComplete}
            needsConfirmation={data.needsConfirmation}
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
        <Unloaded
          query={preview}
          subject={name}
          back={{ label: 'Back to the snapshots', onBack: onClose }}
          skeleton={[5, 4, 'Counting what is left behind']}
        />
        {data && !preview.error && (
          <>
            <RefDropReview refName={refName} preview={data} hasSafetyTag={safetyTag !== null} />
            {data.unreferencedSnapshotIds.length > 0 && <SafetyTagFields tag={draft} onChange={setDraft} />}
            <CommitRequest {...data.request} />
          </>
        )}
      </div>
    </SidePanel>
  )
}
