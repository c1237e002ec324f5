'use client'
import { Button } from '@mantine/core'
import { IconSelector } from '@tabler/icons-react'
import type { CompletedAction } from '@/components/changes/commit/action-notice'
import { ActionPanel } from '@/components/changes/action/action-panel'
import { useKeyedIntents } from '@/components/changes/commit/use-keyed-commit'
import { useReview } from '@/components/changes/action/use-review'
import { useShownTable } from '@/components/table/frame/shown-table'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { uncheckedMoveWarnings } from '@/lib/changes/edits/unchecked-move'
import { useCommitChanges } from '@/lib/client/table/changes'
import { refMoveQuery } from '@/lib/client/table/refs'
import type { RefMoveImpact } from '@/lib/contract/table/refs'
import { AppError } from '@/lib/errors'
import type { AsOf } from '@/lib/iceberg/as-of'
import { asOfFromText } from '@/lib/paths/snapshot-paths'
import { losesSnapshots, MoveImpact, MOVE_SKELETON } from '../impact/impact-review'
import { SafetyTagFields, useSafetyTag, withSafetyTag } from '../impact/safety-tag-fields'
import { BranchChoice } from './branch-choice'
import { missingSnapshot } from './missing-snapshot'

type RefMovePanelProps = {
  branch: string
  /** As in the address: `snapshot:123`, `ref:audit`, `at:2026-11-23T00:35:00Z`. Null before a choice. */
  to: string | null
  onChoose: (branch: string, to: AsOf | null) => void
  onClose: () => void
  onDone: (done: CompletedAction) => void
}

/**
 * Shows the impact of moving a branch or a tag to a snapshot, to another ref or back in time. If snapshots are lost, the
 * panel offers a safety tag and asks for the table's name before it commits.
 */
export function RefMovePanel({ branch, to, onChoose, onClose, onDone }: RefMovePanelProps) {
  const { table, detail } = useShownTable()
  const commit = useCommitChanges(table)
  const { draft, setDraft, safetyTag, previewedTag, isComplete } = useSafetyTag('move')
  const target = to === null ? null : asOfFromText(to)
  const { query, data: preview } = useReview(
    refMoveQuery(table, branch, target ?? {}, previewedTag),
    commit,
    target !== null,
  )
  const error =
    to !== null && target === null
      ? new AppError('invalid-request', `“${to}” is not a snapshot, a branch, a tag or a time.`)
      : query.error
  const data = error ? undefined : preview
  const intents = data ? [withSafetyTag(data, safetyTag)] : []
  const labels = describeMove(data?.impact)
  const write = useKeyedIntents(table, intents, commit, ({ auditId }) =>
    onDone({
      auditId,
      canUndo: data?.impact.addedSnapshotCount === 0,
      message: `${branch} was ${labels.done}.`,
    }),
  )
  return (
    <ActionPanel
      title={`${labels.action} ${branch}`}
      entry={table}
      choices={<MoveChoice branch={branch} target={target} onChoose={onChoose} />}
      query={to === null ? null : { ...query, error }}
      skeleton={MOVE_SKELETON}
      problem={isMissingTarget(error) ? missingSnapshot(onClose) : {}}
      // A move back publishes nothing.
      warnings={
        data && data.impact.addedSnapshotCount !== 0
          ? uncheckedMoveWarnings(detail.properties, { refName: branch })
          : undefined
      }
      request={data?.impact.request}
      write={write}
      action={
        data
          ? {
              proposed: { kind: 'change-table', intents },
              permission: 'table:maintain',
              label: labels.action,
              subject: branch,
              isIncomplete: data.needsConfirmation && !isComplete,
              needsConfirmation: data.needsConfirmation,
              commit: (confirmedName) => write.send({ intents, confirmedName }),
            }
          : null
      }
      onClose={onClose}
      onProposed={(proposal) => onDone({ proposal })}
    >
      {data && <MoveImpact impact={data.impact} hasTag={draft.isRequested && draft.name.trim() !== ''} />}
      {data && losesSnapshots(data.impact) && <SafetyTagFields tag={draft} onChange={setDraft} />}
    </ActionPanel>
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
function isMissingTarget(error: Error | null): boolean {
  if (!(error instanceof AppError)) return false
  const { snapshotId, refName, earliestMs, atMs } = error.facts
  const isNamed = [snapshotId, refName, earliestMs, atMs].some((fact) => fact !== undefined)
  return error.code === 'invalid-request' ? error.facts['branch'] === undefined : error.code === 'not-found' && isNamed
}
