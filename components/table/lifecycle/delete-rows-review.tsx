import type { ActionReviewProps } from '@/components/changes/action/action-review'
import { Facts } from '@/components/ui/values/facts'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { RowDeletionReview } from '@/lib/contract/table/row-deletions'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import classes from './lifecycle-panel.module.css'

/** The parts of the review of a deletion of rows. */
export function rowDeletionParts(review: RowDeletionReview | undefined): ActionReviewProps {
  return {
    skeleton: [5, 2, 'Counting the rows that match'],
    ...(review && { children: <RowDeletionEffect review={review} /> }),
  }
}

/** Whether a deletion is known to remove nothing. */
export function removesNothing(review: RowDeletionReview): boolean {
  return review.isComplete && review.wholeFileCount === 0 && review.matchingRowCount === 0
}

/** The rows that are known to match: `1,234 rows`, or `at least 1,234 rows`. */
export function matchingRowsText({ wholeRowCount, matchingRowCount, isComplete }: RowDeletionReview): string {
  return `${isComplete ? '' : 'at least '}${formatQuantity(wholeRowCount + matchingRowCount, 'row')}`
}

function RowDeletionEffect({ review }: { review: RowDeletionReview }) {
  const { where, branch, wholeFileCount, wholeFileBytes, candidateFileCount, readFileCount } = review
  const { matchingFileCount, matchingFileBytes, isComplete, mode } = review
  const isCopied = mode === 'copy-on-write'
  return (
    <>
      <Facts
        isInSidePanel
        facts={[
          ['Rows where', <VisibleText key="where">{where}</VisibleText>],
          ['Branch', branch],
          ['Rows to delete', matchingRowsText(review)],
          ['Files removed whole', `${formatQuantity(wholeFileCount, 'file')}, ${formatBytes(wholeFileBytes)}`],
          [
            isCopied ? 'Files to write again' : 'Files that get deletes',
            `${isComplete ? '' : 'at least '}${formatQuantity(matchingFileCount, 'file')}, ${formatBytes(matchingFileBytes)}`,
          ],
          ...(isComplete
            ? []
            : [
                [
                  'Looked at',
                  `${formatCount(readFileCount)} of ${formatQuantity(candidateFileCount, 'file')}`,
                ] as const,
              ]),
        ]}
      />
      {removesNothing(review) ? (
        <p>No row matches.</p>
      ) : (
        <ul className={classes.sentences}>
          <li>{isCopied ? COPIED : DELETED[review.deleteFormat]}</li>
          <li>One commit deletes all of the rows. Rows that others add before it and that match are deleted, too.</li>
          <li>Earlier snapshots have the rows until they expire, so the commit can be undone in History until then.</li>
        </ul>
      )}
    </>
  )
}

const COPIED =
  'Files with other rows, too, are written again without the rows that match, because the table asks for copy-on-write or has format version 1.'
const DELETED = {
  'position-deletes': 'Files with other rows, too, stay, and get delete files with the positions of the rows.',
  'deletion-vectors': 'Files with other rows, too, stay, and get deletion vectors.',
} as const
