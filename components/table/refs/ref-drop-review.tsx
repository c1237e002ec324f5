import { IconGitBranch } from '@tabler/icons-react'
import type { ReviewSkeleton } from '@/components/changes/action/action-review'
import { RecentClients } from '@/components/changes/action/recent-clients'
import { useShownTable } from '@/components/table/frame/shown-table'
import type { RefDropPreview } from '@/lib/contract/table/refs'
import { GuardSentence } from '../impact/guard-sentence'
import { refNames } from '../impact/impact-review'
import impactClasses from '../impact/impact-review.module.css'
import { LeftBehindSentence } from '../impact/left-behind-sentence'
import { LeftBehindTable } from '../impact/left-behind-table'

/** While the effect of a removal is computed. */
export const REF_DROP_SKELETON: ReviewSkeleton = [5, 4, 'Counting what is left behind']

/** The effect of removing a branch or a tag. */
export function RefDropReview(props: DropSentencesProps) {
  const { preview } = props
  return (
    <>
      <p className="bare secondary dense">
        At snapshot <code>{preview.snapshotId}</code>
      </p>
      {preview.figures && <LeftBehindTable {...preview.figures} />}
      <DropSentences {...props} />
    </>
  )
}

type DropSentencesProps = { refName: string; preview: RefDropPreview; hasSafetyTag: boolean }

function DropSentences({ refName, preview, hasSafetyTag }: DropSentencesProps) {
  const { otherRefs, unreferencedSnapshotIds, unreferencedExpireAtMs, figures } = preview
  const { table } = useShownTable()
  const unreferencedCount = unreferencedSnapshotIds.length
  return (
    <ul className={impactClasses.sentences}>
      <li>
        <IconGitBranch size={16} stroke={1.6} aria-hidden />
        <span>
          Statements that name <strong>{refName}</strong> fail afterwards.
          {unreferencedCount === 0 && ' Other branches and tags reach all its snapshots, so nothing is left behind.'}
          {otherRefs.length > 0 && ` ${refNames(otherRefs)} ${otherRefs.length === 1 ? 'does' : 'do'} not change.`}
        </span>
      </li>
      {unreferencedCount > 0 && (
        <LeftBehindSentence
          snapshotCount={unreferencedCount}
          expireAtMs={unreferencedExpireAtMs}
          hasSafetyTag={hasSafetyTag}
        />
      )}
      {unreferencedCount > 0 && figures === null && (
        <li>
          <IconGitBranch size={16} stroke={1.6} aria-hidden />
          <span>The table has too many snapshots to count the files that only these have.</span>
        </li>
      )}
      <RecentClients table={table} />
      <GuardSentence refName={refName} />
    </ul>
  )
}
