import { Checkbox, Select, TextInput } from '@mantine/core'
import { IconColumns3, IconGitBranch, IconLinkOff, IconShieldCheck } from '@tabler/icons-react'
import { useState } from 'react'
import { CommitRequest } from '@/components/changes/commit-request'
import { ExactTime } from '@/components/ui/values/exact-time'
import type { SafetyTag } from '@/lib/iceberg/intents/ref-edits'
import type { RefMoveImpact } from '@/lib/contract/refs'
import { formatQuantity } from '@/lib/format/count'
import classes from './impact-review.module.css'
import { ImpactTable } from './impact-table'

const DAY_MS = 24 * 60 * 60 * 1000
const TAG_RETENTIONS = [
  { value: '7', label: 'keep 7 days' },
  { value: '30', label: 'keep 30 days' },
  { value: 'always', label: 'keep forever' },
]

type ImpactReviewProps = { impact: RefMoveImpact; tag: SafetyTagDraft; onTagChange: (tag: SafetyTagDraft) => void }

/** What moving a branch removes and restores, the safety tag if it loses snapshots, and the exact commit. */
export function ImpactReview({ impact, tag, onTagChange }: ImpactReviewProps) {
  return (
    <>
      <dl className={classes.ids}>
        <dt>now</dt>
        <dd>
          <code>{impact.fromSnapshotId}</code> <ExactTime atMs={impact.fromCommittedAtMs} />
        </dd>
        <dt>after</dt>
        <dd>
          <code>{impact.toSnapshotId}</code> <ExactTime atMs={impact.toCommittedAtMs} />
        </dd>
      </dl>
      <ImpactTable impact={impact} />
      <ImpactSentences impact={impact} hasTag={tag.isWanted} />
      {impact.stepCount > 0 && <SafetyTagFields tag={tag} onChange={onTagChange} />}
      <CommitRequest {...impact.request} />
    </>
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

function ImpactSentences({ impact, hasTag }: { impact: RefMoveImpact; hasTag: boolean }) {
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
          <strong>{impact.branch}</strong> {moveWords(impact)}.
          {otherRefs.length > 0 && (
            <>
              {' '}
              {refNames(otherRefs)} {otherRefs.length === 1 ? 'does not move.' : 'do not move.'}
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
          Will be rejected if <strong>{impact.branch}</strong> has moved. You can undo it under History.
        </span>
      </li>
    </ul>
  )
}

const MAX_NAMED_REFS = 6

function refNames(refs: RefMoveImpact['otherRefs']): string {
  const names = refs.slice(0, MAX_NAMED_REFS).map(({ name }) => name)
  const moreCount = refs.length - names.length
  return moreCount === 0 ? names.join(', ') : `${names.join(', ')} and ${formatQuantity(moreCount, 'other ref')}`
}

function moveWords({ stepCount, stepCountForward }: RefMoveImpact): string {
  const [back, forward] = [formatQuantity(stepCount, 'snapshot'), formatQuantity(stepCountForward, 'snapshot')]
  if (stepCountForward === 0) return `moves back ${back}`
  return stepCount === 0 ? `moves forward ${forward}` : `moves back ${back}, then forward ${forward}`
}

function expirySubject(hasTag: boolean, snapshotCount: number): string {
  if (snapshotCount === 1) return hasTag ? 'Without it the snapshot' : 'It'
  return hasTag ? 'Without it they' : 'They'
}

/**
 * What the person chose for the safety tag, and the tag itself.
 *
 * @param prefix of the usual name, which ends in the time
 */
export function useSafetyTag(prefix: string) {
  const [draft, setDraft] = useState<SafetyTagDraft>(() => ({
    isWanted: true,
    name: defaultTagName(prefix),
    retention: '30',
  }))
  return { draft, setDraft, safetyTag: toSafetyTag(draft) }
}

function toSafetyTag({ isWanted, name, retention }: SafetyTagDraft): SafetyTag | null {
  if (!isWanted || name === '') return null
  return { name, maxRefAgeMs: retention === 'always' ? null : Number(retention) * DAY_MS }
}

/** Includes the second, so that two rollbacks on a day get different tags. */
function defaultTagName(prefix: string): string {
  return `${prefix}-${new Date().toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '')}`
}
