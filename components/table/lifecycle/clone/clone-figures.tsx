'use client'
import { Bytes } from '@/components/ui/values/bytes'
import { Count } from '@/components/ui/values/count'
import { Facts, type Fact } from '@/components/ui/values/facts'
import type { CloneReview } from '@/lib/contract/table/clones'
import classes from '../lifecycle-panel.module.css'

/** The amount of data to copy, and the differences between copy and source. */
export function CloneFigures({ review }: { review: CloneReview }) {
  const deletes: Fact[] = (
    [
      ['Equality delete files', review.equalityDeleteFileCount],
      ['Position delete files', review.positionDeleteFileCount],
      ['Deletion vectors', review.deletionVectorCount],
    ] as const
  ).flatMap(([name, value]): Fact[] => (value === 0 ? [] : [[name, <Count key={name} value={value} />]]))
  const namesFiles = review.positionDeleteFileCount + review.deletionVectorCount > 0
  return (
    <>
      <Facts
        isInSidePanel
        facts={[
          ['Rows in data files', <Count key="rows" value={review.rowCount} />],
          ['Data files', <Count key="files" value={review.dataFileCount} />],
          ...deletes,
          ['Bytes to copy', <Bytes key="bytes" value={review.fileBytes} />],
        ]}
      />
      <ul className={classes.sentences}>
        <li>Every copy is compared with its file by a checksum before the table is created.</li>
        <li>The clone has one snapshot. Branches, tags, history and statistics files stay behind.</li>
        {namesFiles && <li>Deletes by position are written again, with the paths of the copies.</li>}
        {review.keepsRowIds === true && <li>Rows keep their ids, and the number of their last update.</li>}
        {review.keepsRowIds === false && <li>Rows have no ids at this state. They get new ones.</li>}
        {review.omitted.length > 0 && (
          <li>
            Left out, because they belong to this table alone or grant access: <code>{review.omitted.join(', ')}</code>
          </li>
        )}
      </ul>
    </>
  )
}
