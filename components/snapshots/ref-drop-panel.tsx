'use client'
import { IconGitBranch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { CommitRequest } from '@/components/changes/commit-request'
import { isOutcomeKnown, useIdempotencyKey } from '@/components/changes/use-idempotency-key'
import { RecentReaders } from '@/components/publishing/recent-readers'
import { useShownTable } from '@/components/tables/shown-table'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { SidePanel } from '@/components/ui/side-panel'
import { retryFetch } from '@/lib/client/call/retry'
import { useCommitChanges } from '@/lib/client/changes'
import { refDropQuery } from '@/lib/client/refs'
import type { RefDropPreview } from '@/lib/contract/refs'
import { namespaceLabel } from '@/lib/iceberg/identifiers'
import { GuardSentence } from './guard-sentence'
import { refNames } from './impact-review'
import impactClasses from './impact-review.module.css'
import { LeftBehindSentence } from './left-behind-sentence'
import { LeftBehindTable } from './left-behind-table'
import { RefCommitFooter } from './ref-commit-footer'
import classes from './ref-move-panel.module.css'
import type { CompletedRefChange } from './completed-ref-change'
import { SafetyTagFields, useSafetyTag, withSafetyTag } from './safety-tag-fields'

type RefDropPanelProps = {
  refName: string
  onClose: () => void
  onDone: (done: CompletedRefChange) => void
}

/** What removing a branch or a tag leaves behind. A safety tag is offered when that is the only way to keep it. */
export function RefDropPanel({ refName, onClose, onDone }: RefDropPanelProps) {
  const { table } = useShownTable()
  const commit = useCommitChanges(table)
  const { draft, setDraft, safetyTag, previewedTag, isComplete } = useSafetyTag('before-remove')
  const preview = useQuery({
    ...refDropQuery(table, refName, previewedTag),
    // During and after the removal there is nothing to preview.
    enabled: !commit.isPending && !commit.isSuccess,
  })
  const { data } = preview
  const intents = data ? [withSafetyTag(data, safetyTag)] : []
  const [idempotencyKey, renewKey] = useIdempotencyKey(intents)
  const name = `${namespaceLabel(table.namespace)}.${table.table}`
  const confirm = (confirmedName?: string) =>
    commit.mutate(
      { intents, confirmedName, idempotencyKey },
      {
        onSuccess: ({ auditId }) => onDone({ auditId, canUndo: true, message: `${refName} was removed.` }),
        // What was refused for sure can be sent again; an unknown outcome keeps its key.
        onError: (error) => isOutcomeKnown(error) && renewKey(),
      },
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
          <RefCommitFooter
            name={name}
            refName={refName}
            action="Remove"
            needsConfirmation={data.needsConfirmation}
            isPending={commit.isPending}
            error={commit.error}
            isDisabled={data.needsConfirmation && !isComplete}
            onCancel={onClose}
            onConfirm={confirm}
          />
        )
      }
    >
      <div className={classes.body}>
        {preview.isPending && <SkeletonRows rows={5} columns={4} label="Counting what is left behind" />}
        {preview.error && (
          <ProblemNote
            error={preview.error}
            subject={name}
            onRetry={() => retryFetch(preview.refetch)}
            back={{ label: 'Back to the snapshots', onBack: onClose }}
          />
        )}
        {data && !preview.error && (
          <>
            <p className={classes.at}>
              At snapshot <code>{data.snapshotId}</code>
            </p>
            {data.leftBehind && <LeftBehindTable {...data.leftBehind} />}
            <DropSentences refName={refName} preview={data} hasSafetyTag={safetyTag !== null} />
            {data.unreachedSnapshotIds.length > 0 && <SafetyTagFields tag={draft} onChange={setDraft} />}
            <CommitRequest {...data.request} />
          </>
        )}
      </div>
    </SidePanel>
  )
}

type DropSentencesProps = { refName: string; preview: RefDropPreview; hasSafetyTag: boolean }

function DropSentences({ refName, preview, hasSafetyTag }: DropSentencesProps) {
  const { otherRefs, unreachedSnapshotIds, unreachedExpireAtMs, leftBehind } = preview
  const leftCount = unreachedSnapshotIds.length
  return (
    <ul className={impactClasses.sentences}>
      <li>
        <IconGitBranch size={16} stroke={1.6} aria-hidden />
        <span>
          Statements that name <strong>{refName}</strong> fail afterwards.
          {leftCount === 0 && ' Other branches and tags reach all its snapshots, so nothing is left behind.'}
          {otherRefs.length > 0 && ` ${refNames(otherRefs)} ${otherRefs.length === 1 ? 'does' : 'do'} not change.`}
        </span>
      </li>
      {leftCount > 0 && (
        <LeftBehindSentence snapshotCount={leftCount} expireAtMs={unreachedExpireAtMs} hasSafetyTag={hasSafetyTag} />
      )}
      {leftCount > 0 && leftBehind === null && (
        <li>
          <IconGitBranch size={16} stroke={1.6} aria-hidden />
          <span>The table has too many snapshots to count the files that only these have.</span>
        </li>
      )}
      <RecentReaders />
      <GuardSentence refName={refName} />
    </ul>
  )
}
