'use client'
import { Checkbox, Select, TextInput } from '@mantine/core'
import { IconColumns3, IconGitBranch, IconLinkOff, IconShieldCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { CommitRequest } from '@/components/changes/commit-request'
import { ExactTime } from '@/components/ui/values/exact-time'
import { DangerConfirm } from '@/components/ui/controls/danger-confirm'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SidePanel } from '@/components/ui/side-panel'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { rollbackImpactQuery, useRollBack } from '@/lib/client/snapshots'
import type { RollbackImpact } from '@/lib/contract/snapshots'
import { formatQuantity } from '@/lib/format/count'
import { namespaceLabel, type TableIdentifier } from '@/lib/iceberg/identifiers'
import { retryFetch } from '@/lib/client/retry'
import { ImpactTable } from './impact-table'
import classes from './rollback-panel.module.css'

const DAY_MS = 24 * 60 * 60 * 1000
const TAG_RETENTIONS = [
  { value: '7', label: 'keep 7 days' },
  { value: '30', label: 'keep 30 days' },
  { value: 'always', label: 'keep forever' },
]

type RollbackPanelProps = {
  table: TableIdentifier
  toSnapshotId: string
  onClose: () => void
  onDone: (auditId: string) => void
}

/** Shows the impact of rolling back `main`, offers a safety tag, and asks for the table's name before it commits. */
export function RollbackPanel({ table, toSnapshotId, onClose, onDone }: RollbackPanelProps) {
  const rollBack = useRollBack(table)
  const [tag, setTag] = useState<SafetyTagDraft>({ isWanted: true, name: defaultTagName(), retention: '30' })
  const safetyTag = toSafetyTag(tag)
  const impact = useQuery({
    ...rollbackImpactQuery(table, toSnapshotId, safetyTag),
    // During and after the rollback its impact can no longer be computed.
    enabled: !rollBack.isPending && !rollBack.isSuccess,
  })
  const name = `${namespaceLabel(table.namespace)}.${table.table}`
  const confirm = (fromSnapshotId: string) =>
    rollBack.mutate(
      { fromSnapshotId, toSnapshotId, confirmedName: name, safetyTag },
      { onSuccess: ({ auditId }) => onDone(auditId) },
    )
  return (
    <SidePanel
      title="Roll back main"
      subtitle="Nothing has changed yet"
      width={428}
      onClose={onClose}
      footer={
        impact.data && (
          <div className={classes.confirm}>
            {rollBack.error && <ProblemNote error={rollBack.error} subject={name} unchanged="main was not changed." />}
            <DangerConfirm
              name={name}
              action="Roll back"
              isPending={rollBack.isPending}
              onCancel={onClose}
              onConfirm={() => confirm(impact.data.fromSnapshotId)}
            />
          </div>
        )
      }
    >
      <div className={classes.body}>
        {impact.isPending && <SkeletonRows rows={6} columns={4} label="Comparing the two snapshots" />}
        {impact.error && <ProblemNote error={impact.error} subject={name} onRetry={() => retryFetch(impact.refetch)} />}
        {impact.data && (
          <>
            <dl className={classes.ids}>
              <dt>now</dt>
              <dd>
                <code>{impact.data.fromSnapshotId}</code> <ExactTime atMs={impact.data.fromCommittedAtMs} />
              </dd>
              <dt>after</dt>
              <dd>
                <code>{impact.data.toSnapshotId}</code> <ExactTime atMs={impact.data.toCommittedAtMs} />
              </dd>
            </dl>
            <ImpactTable impact={impact.data} />
            <ImpactSentences impact={impact.data} hasTag={tag.isWanted} />
            <CommitRequest path={impact.data.requestPath} body={impact.data.requestBody} />
            <SafetyTagFields tag={tag} onChange={setTag} />
          </>
        )}
      </div>
    </SidePanel>
  )
}

type SafetyTagDraft = { isWanted: boolean; name: string; retention: string }

function SafetyTagFields({ tag, onChange }: { tag: SafetyTagDraft; onChange: (tag: SafetyTagDraft) => void }) {
  return (
    <div className={classes.tag}>
      <Checkbox
        label="Create a safety tag on the current snapshot"
        checked={tag.isWanted}
        onChange={(event) => onChange({ ...tag, isWanted: event.currentTarget.checked })}
      />
      {tag.isWanted && (
        <div className={classes.tagFields}>
          <TextInput
            aria-label="Safety tag name"
            value={tag.name}
            onChange={(event) => onChange({ ...tag, name: event.currentTarget.value })}
            style={{ flex: 1 }}
          />
          <Select
            aria-label="Safety tag retention"
            data={TAG_RETENTIONS}
            value={tag.retention}
            allowDeselect={false}
            onChange={(retention) => onChange({ ...tag, retention: retention ?? tag.retention })}
            w={130}
          />
        </div>
      )}
    </div>
  )
}

function ImpactSentences({ impact, hasTag }: { impact: RollbackImpact; hasTag: boolean }) {
  const { columnsThenNull, otherRefs, unreachedSnapshotIds, unreachedExpireAtMs } = impact
  return (
    <ul className={classes.sentences}>
      {columnsThenNull.length > 0 && (
        <li>
          <IconColumns3 size={16} stroke={1.6} aria-hidden />
          <span>
            The snapshot was written without <code>{columnsThenNull.join(', ')}</code>. The table keeps its schema, so
            its rows read null there.
          </span>
        </li>
      )}
      <li>
        <IconGitBranch size={16} stroke={1.6} aria-hidden />
        <span>
          <strong>main</strong> moves back {formatQuantity(impact.stepCount, 'snapshot')}.
          {otherRefs.length > 0 && (
            <>
              {' '}
              {otherRefs.map(({ name }) => name).join(', ')}{' '}
              {otherRefs.length === 1 ? 'does not move.' : 'do not move.'}
            </>
          )}
        </span>
      </li>
      {unreachedSnapshotIds.length > 0 && (
        <li>
          <IconLinkOff size={16} stroke={1.6} className={classes.warn} aria-hidden />
          <span>
            {hasTag ? 'Only the safety tag' : 'No ref'} would keep{' '}
            {formatQuantity(unreachedSnapshotIds.length, 'snapshot')}.
            {unreachedExpireAtMs !== null && (
              <>
                {' '}
                {expirySubject(hasTag, unreachedSnapshotIds.length)} can be expired after{' '}
                <ExactTime atMs={unreachedExpireAtMs} />.
              </>
            )}
          </span>
        </li>
      )}
      <li>
        <IconShieldCheck size={16} stroke={1.6} aria-hidden />
        <span>
          Will be rejected if <strong>main</strong> has changed. You can undo a rollback under History.
        </span>
      </li>
    </ul>
  )
}

function expirySubject(hasTag: boolean, snapshotCount: number): string {
  if (snapshotCount === 1) return hasTag ? 'Without it the snapshot' : 'It'
  return hasTag ? 'Without it they' : 'They'
}

function toSafetyTag({ isWanted, name, retention }: SafetyTagDraft) {
  if (!isWanted || name === '') return null
  return { name, maxRefAgeMs: retention === 'always' ? null : Number(retention) * DAY_MS }
}

/** Includes the second, so that two rollbacks on a day get different tags. */
function defaultTagName(): string {
  return `before-rollback-${new Date().toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '')}`
}
