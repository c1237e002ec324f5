'use client'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { uncheckedMoveWarnings } from '@/lib/changes/edits/unchecked-move'
import { Button } from '@mantine/core'
import { IconSelector } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { CommitFooter } from '@/components/changes/commit-footer'
import {
  type CommittedIntents,
  type KeyedIntents,
  useKeyedCommit,
  isReviewable,
} from '@/components/changes/use-keyed-commit'
import { useShownTable } from '@/components/table/frame/shown-table'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { SidePanel } from '@/components/ui/side-panel'
import { retryFetch } from '@/lib/client/call/retry'
import { useCommitChanges } from '@/lib/client/table/changes'
import { refMoveQuery } from '@/lib/client/table/refs'
import type { RefMoveImpact } from '@/lib/contract/table/refs'
import { AppError } from '@/lib/errors'
import type { AsOf } from '@/lib/iceberg/as-of'
import { namespaceLabel } from '@/lib/names/identifiers'
import { asOfFromText } from '@/lib/paths/snapshot-paths'
import { BranchChoice } from './branch-choice'
import { ImpactReview } from '../impact/impact-review'
import classes from './ref-move-panel.module.css'
import type { CompletedRefChange } from './completed-ref-change'
import { useSafetyTag, withSafetyTag } from '../impact/safety-tag-fields'

type RefMovePanelProps = {
  branch: string
  /** As in the address: `snapshot:123`, `ref:audit`, `at:1609459200000`. Null before a choice. */
  to: string | null
  onChoose: (branch: string, to: AsOf | null) => void
  onClose: () => void
  onDone: (done: CompletedRefChange) => void
}

/**
 * Shows the impact of moving a branch or a tag to a snapshot, to another ref or back in time. If snapshots are lost, the
 * panel offers a safety tag and asks for the table's name before it commits.
 */
export function RefMovePanel({ branch, to, onChoose, onClose, onDone }: RefMovePanelProps) {
  const { table, detail } = useShownTable()
  const commit = useCommitChanges(table)
  const { draft, setDraft, safetyTag, previewedTag, isComplete } = useSafetyTag('before-move')
  const target = to === null ? null : asOfFromText(to)
  const preview = useQuery({
    ...refMoveQuery(table, branch, target ?? {}, previewedTag),
    // During and after the move its impact can no longer be computed.
    enabled: target !== null && isReviewable(commit),
  })
  const problem =
    to !== null && target === null
      ? new AppError('invalid-request', `“${to}” is not a snapshot, a branch, a tag or a time.`)
      : preview.error
  const intents = preview.data ? [withSafetyTag(preview.data, safetyTag)] : []
  const name = `${namespaceLabel(table.namespace)}.${table.table}`
  const words = describeMove(preview.data?.impact)
  const keyed = useKeyedCommit<KeyedIntents, CommittedIntents>(table, intents, commit, ({ auditId }) =>
    onDone({
      auditId,
      canUndo: preview.data?.impact.addedSnapshotCount === 0,
      message: `${branch} was ${words.done}.`,
    }),
  )
  return (
    <SidePanel
      title={`${words.action} ${branch}`}
      subtitle="Nothing has changed yet"
      width={428}
      onClose={onClose}
      takesFocus
      footer={
        preview.data &&
        !problem && (
          <CommitFooter
            table={table}
            proposed={{ kind: 'change-table', intents: [...intents] }}
            permission="table:maintain"
            action={words.action}
            subject={branch}
            fits
            isIncomplete={preview.data.needsConfirmation && !isComplete}
            needsConfirmation={preview.data.needsConfirmation}
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
        <MoveChoice branch={branch} target={target} onChoose={onChoose} />
        {target !== null && preview.isPending && problem === null && (
          <SkeletonRows rows={6} columns={4} label="Comparing the two snapshots" />
        )}
        {problem && (
          <ProblemNote
            error={problem}
            subject={name}
            {...(isMissingTarget(problem)
              ? {
                  title: 'No such snapshot',
                  next: 'It may have expired, or the address is wrong. Choose a snapshot from the list.',
                  back: { label: 'Back to the snapshots', onBack: onClose },
                }
              : { onRetry: () => retryFetch(preview.refetch) })}
          />
        )}
        {/* A move back publishes nothing. */}
        {preview.data &&
          !problem &&
          preview.data.impact.addedSnapshotCount !== 0 &&
          uncheckedMoveWarnings(detail.properties, { refName: branch }).map((warning) => (
            <WarningNote key={warning}>{warning}</WarningNote>
          ))}
        {preview.data && !problem && <ImpactReview impact={preview.data.impact} tag={draft} onTagChange={setDraft} />}
      </div>
    </SidePanel>
  )
}

type MoveChoiceProps = Pick<RefMovePanelProps, 'branch' | 'onChoose'> & { target: AsOf | null }

/** Which branch is moved, and where to. */
function MoveChoice({ branch, target, onChoose }: MoveChoiceProps) {
  const { detail } = useShownTable()
  const shown = {
    snapshotId: target?.snapshotId ?? null,
    committedAtMs: null,
    ref: target?.ref === undefined ? null : { name: target.ref, type: 'branch' as const },
    isCurrent: false,
  }
  return (
    <div className="flow gap-8">
      <BranchChoice refs={detail.refs} branch={branch} onChange={(next) => onChoose(next, target)} />
      <LazyMenu
        popup="dialog"
        button={
          <Button variant="default" rightSection={<IconSelector size={13} stroke={1.6} aria-hidden />}>
            {target === null ? 'Choose where to…' : 'To another snapshot, ref or time…'}
          </Button>
        }
        load={loadPopover}
        menuProps={{
          detail: { ...detail, shown },
          label: 'Where to',
          onPick: (picked: AsOf) => onChoose(branch, Object.keys(picked).length === 0 ? { ref: 'main' } : picked),
        }}
      />
    </div>
  )
}

async function loadPopover() {
  return (await import('@/components/table/frame/as-of-popover')).AsOfPopover
}

/** The name of the move, depending on whether the branch loses or gains snapshots. */
function describeMove(impact: RefMoveImpact | undefined): { action: string; done: string } {
  if (impact?.addedSnapshotCount === 0) return { action: 'Roll back', done: 'rolled back' }
  return impact?.removedSnapshotCount === 0
    ? { action: 'Fast-forward', done: 'fast-forwarded' }
    : { action: 'Move', done: 'moved' }
}

/** Whether the table was found, but not where the branch should go. */
function isMissingTarget(error: Error): boolean {
  if (!(error instanceof AppError)) return false
  const { snapshotId, refName, earliestMs, atMs } = error.facts
  const isNamed = [snapshotId, refName, earliestMs, atMs].some((fact) => fact !== undefined)
  return error.code === 'invalid-request' ? error.facts['branch'] === undefined : error.code === 'not-found' && isNamed
}
