import type { ActionReviewProps } from '@/components/changes/action/action-review'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { Bytes } from '@/components/ui/values/bytes'
import { Count } from '@/components/ui/values/count'
import { Facts } from '@/components/ui/values/facts'
import { PathText } from '@/components/ui/values/path-text'
import { RowCount } from '@/components/ui/values/row-count'
import type { TableDropReview } from '@/lib/contract/lifecycle/tables'
import { formatExactDuration } from '@/lib/format/exact-duration'
import { toScripts } from './lifecycle-scripts'

const NOT_IN_SUMMARY = 'not in the summary of the current snapshot'

/** The parts of the review of a drop, except for its figures. */
export function dropParts(review: TableDropReview | undefined, isPurge: boolean): ActionReviewProps {
  const { request, statements } = (isPurge ? review?.purge : review?.drop) ?? {}
  return {
    skeleton: [6, 2, 'Reading what the table has'],
    warnings: review && review.dropProblem !== null ? [review.dropProblem] : [],
    request,
    scripts: statements && toScripts(statements),
  }
}

/** The data that is dropped with the table. */
export function DropFigures({ review }: { review: TableDropReview }) {
  const { snapshotCount, refNames, rowCount, dataFileCount, deleteFileCount, liveBytes, location, problem } = review
  if (problem !== null)
    return (
      <WarningNote>The metadata of the table cannot be read, so what it has is not known. {problem.detail}</WarningNote>
    )
  return (
    <Facts
      isInSidePanel
      facts={[
        ['Rows', <RowCount key="rows" rowCount={rowCount} deleteFileCount={deleteFileCount} reason={NOT_IN_SUMMARY} />],
        ['Data files', <Count key="files" value={dataFileCount} reason={NOT_IN_SUMMARY} />],
        ['Live bytes', <Bytes key="bytes" value={liveBytes} reason={NOT_IN_SUMMARY} />],
        ['Snapshots', <Count key="snapshots" value={snapshotCount} />],
        ['Branches and tags', <Count key="refs" value={refNames.length} />],
        ['Location', <PathText key="location">{location ?? 'unknown'}</PathText>],
      ]}
    />
  )
}

/** A label and a sentence: whether the files are deleted, and how long the table can be restored. */
export function describeFileRemoval(review: TableDropReview, isPurge: boolean): { label: string; description: string } {
  const { purgeAfterMs, canRestore } = review
  if (!isPurge)
    return {
      label: 'Keep',
      description: canRestore
        ? 'The table can be restored from the page of its namespace, as it is now, but without the grants on it.'
        : 'The table can be registered again from its metadata file, by anyone who knows it.',
    }
  return {
    label: purgeAfterMs === 0 ? 'Delete permanently' : `Delete after ${formatExactDuration(String(purgeAfterMs))}`,
    description: `Data, delete, manifest and metadata files of every snapshot. ${purgeAfterMs === 0 ? 'The table cannot be restored.' : 'Until then the table can be restored, without the grants on it, and they stay.'}`,
  }
}
