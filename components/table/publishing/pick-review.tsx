import { Checkbox } from '@mantine/core'
import { IconColumns3, IconGitBranch, IconCherry, IconTag } from '@tabler/icons-react'
import type { ActionReviewProps } from '@/components/changes/action/action-review'
import { GuardSentence } from '@/components/table/impact/guard-sentence'
import { refNames } from '@/components/table/impact/impact-review'
import impactClasses from '@/components/table/impact/impact-review.module.css'
import { ImpactTable } from '@/components/table/impact/impact-table'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { ExactTime } from '@/components/ui/values/exact-time'
import type { CherryPickReview } from '@/lib/contract/table/cherry-picks'
import { RecentClients } from '@/components/changes/action/recent-clients'
import { useShownTable } from '@/components/table/frame/shown-table'
import type { UnknownAncestry } from './use-unknown-ancestry'

/** The parts of the review of picking a snapshot onto a branch. */
export function pickParts(review: CherryPickReview | undefined, ancestry: UnknownAncestry): ActionReviewProps {
  return {
    skeleton: [6, 4, 'Reading the changes of the snapshot'],
    ...(review && {
      request: review.request ?? REPLAY_REQUEST,
      scripts: review.scripts,
      children: <PickEffect review={review} ancestry={ancestry} />,
    }),
  }
}

function PickEffect({ review, ancestry }: { review: CherryPickReview; ancestry: UnknownAncestry }) {
  return (
    <>
      <dl className={impactClasses.ids}>
        <dt>picked</dt>
        <dd>
          <code>{review.snapshotId}</code> <ExactTime atMs={review.committedAtMs} />
        </dd>
        <dt>onto</dt>
        <dd>
          {review.tip === null ? (
            'no snapshot yet'
          ) : (
            <>
              <code>{review.tip.snapshotId}</code> <ExactTime atMs={review.tip.committedAtMs} />
            </>
          )}
        </dd>
      </dl>
      <ImpactTable impact={review} gained="Added" />
      {review.isHistoryExpired && (
        <>
          <WarningNote>
            It is not known whether <strong>{review.branch}</strong> had these changes before, because snapshots of it
            have expired. It has none of their data files now, but a rewrite may have put the rows into others: compare
            the two first, or rows may be there twice.
          </WarningNote>
          <Checkbox
            label={`I have compared the two: ${review.branch} does not have these rows`}
            checked={ancestry.isConfirmed}
            onChange={(event) => ancestry.confirm(event.currentTarget.checked)}
          />
        </>
      )}
      <PickSentences review={review} />
    </>
  )
}

const REPLAY_REQUEST =
  'The snapshot gets its id and its manifest list when it is committed: add-snapshot and set-snapshot-ref, guarded by assert-ref-snapshot-id.'

function PickSentences({ review }: { review: CherryPickReview }) {
  const { branch, kind, wapId, snapshotId, missingColumns, otherRefs } = review
  const { table } = useShownTable()
  return (
    <ul className={impactClasses.sentences}>
      <li>
        <IconCherry size={16} stroke={1.6} aria-hidden />
        <span>
          {kind === 'fast-forward' ? (
            <>
              The snapshot follows the tip of <strong>{branch}</strong>, so <strong>{branch}</strong> moves to it and
              nothing is written.
            </>
          ) : (
            <>
              <strong>{branch}</strong> gets its changes as a new snapshot with the same data files. Its summary names{' '}
              <code>{snapshotId}</code>, so that the changes cannot be picked twice.
            </>
          )}
        </span>
      </li>
      {wapId !== null && (
        <li>
          <IconTag size={16} stroke={1.6} aria-hidden />
          <span>
            Staged as <code>{wapId}</code>.
            {kind === 'replay' && ' Checks that passed on it say nothing about the rows that the branch got since.'}
          </span>
        </li>
      )}
      {missingColumns.length > 0 && (
        <li>
          <IconColumns3 size={16} stroke={1.6} aria-hidden />
          <span>
            The snapshot was written without <code>{missingColumns.join(', ')}</code>. Its rows read null there.
          </span>
        </li>
      )}
      {otherRefs.length > 0 && (
        <li>
          <IconGitBranch size={16} stroke={1.6} aria-hidden />
          <span>
            {refNames(otherRefs)} {otherRefs.length === 1 ? 'does not move.' : 'do not move.'}
          </span>
        </li>
      )}
      <RecentClients table={table} />
      <GuardSentence refName={branch} />
    </ul>
  )
}
