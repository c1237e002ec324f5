import { IconAlertTriangle, IconColumns3, IconGitBranch, IconTag } from '@tabler/icons-react'
import type { ReviewSkeleton } from '@/components/changes/action/action-review'
import { RecentClients } from '@/components/changes/action/recent-clients'
import { useShownTable } from '@/components/table/frame/shown-table'
import { ExactTime } from '@/components/ui/values/exact-time'
import type { RefMoveImpact } from '@/lib/contract/table/refs'
import { formatQuantity } from '@/lib/format/count'
import { GuardSentence } from './guard-sentence'
import classes from './impact-review.module.css'
import { ImpactTable } from './impact-table'
import { LeftBehindSentence } from './left-behind-sentence'

/** While the impact of a move is computed. */
export const MOVE_SKELETON: ReviewSkeleton = [6, 4, 'Comparing the two snapshots']

/**
 * The snapshots that a moved branch loses and gains.
 *
 * @param props.hasTag whether a safety tag retains the lost ones
 * @param props.isUndo whether the branch returns to where it was, so that it had gained rows before, also on a move
 * forward
 */
export function MoveImpact({
  impact,
  hasTag,
  isUndo = false,
}: {
  impact: RefMoveImpact
  hasTag: boolean
  isUndo?: boolean
}) {
  return (
    <>
      <ImpactIds impact={impact} />
      <ImpactTable impact={impact} gained={isUndo || impact.addedSnapshotCount === 0 ? 'Restored' : 'Added'} />
      <ImpactSentences impact={impact} hasTag={hasTag} />
    </>
  )
}

/** The two snapshots of a move. */
export function ImpactIds({ impact }: { impact: RefMoveImpact }) {
  return (
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
  )
}

function ImpactSentences({ impact, hasTag }: { impact: RefMoveImpact; hasTag: boolean }) {
  const { table } = useShownTable()
  const { currentFilesProblem, missingColumns, otherRefs, unreferencedSnapshotIds, unreferencedExpireAtMs } = impact
  return (
    <ul className={classes.sentences}>
      {currentFilesProblem !== null && (
        <li>
          <IconAlertTriangle size={16} stroke={1.6} className={classes.warn} aria-hidden />
          <span>The rows and files of the current snapshot cannot be counted: {currentFilesProblem}</span>
        </li>
      )}
      {missingColumns.length > 0 && (
        <li>
          <IconColumns3 size={16} stroke={1.6} aria-hidden />
          <span>
            The snapshot was written without <code>{missingColumns.join(', ')}</code>. The table keeps its schema, so
            its rows read null there.
          </span>
        </li>
      )}
      <li>
        {impact.type === 'tag' ? (
          <IconTag size={16} stroke={1.6} aria-hidden />
        ) : (
          <IconGitBranch size={16} stroke={1.6} aria-hidden />
        )}
        <span>
          <strong>{impact.branch}</strong> {describeMove(impact)}.
          {otherRefs.length > 0 && (
            <>
              {' '}
              {refNames(otherRefs)} {otherRefs.length === 1 ? 'does not move.' : 'do not move.'}
            </>
          )}
        </span>
      </li>
      {unreferencedSnapshotIds.length > 0 && (
        <LeftBehindSentence
          snapshotCount={unreferencedSnapshotIds.length}
          expireAtMs={unreferencedExpireAtMs}
          hasSafetyTag={hasTag}
        />
      )}
      <RecentClients table={table} />
      <GuardSentence refName={impact.branch} />
    </ul>
  )
}

/** A tag has one snapshot, which is lost only if no other ref reaches it. */
export function losesSnapshots({ type, removedSnapshotCount, unreferencedSnapshotIds }: RefMoveImpact): boolean {
  return type === 'tag' ? unreferencedSnapshotIds.length > 0 : removedSnapshotCount > 0
}

const MAX_NAMED_REFS = 6

export function refNames(refs: RefMoveImpact['otherRefs']): string {
  const names = refs.slice(0, MAX_NAMED_REFS).map(({ name }) => name)
  const moreCount = refs.length - names.length
  return moreCount === 0 ? names.join(', ') : `${names.join(', ')} and ${formatQuantity(moreCount, 'other ref')}`
}

function describeMove({ type, removedSnapshotCount, addedSnapshotCount }: RefMoveImpact): string {
  if (type === 'tag') return 'moves to another snapshot'
  const [back, forward] = [
    formatQuantity(removedSnapshotCount, 'snapshot'),
    formatQuantity(addedSnapshotCount, 'snapshot'),
  ]
  if (addedSnapshotCount === 0) return `moves back ${back}`
  return removedSnapshotCount === 0 ? `moves forward ${forward}` : `moves back ${back}, then forward ${forward}`
}
