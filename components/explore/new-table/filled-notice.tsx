'use client'
import { Button } from '@mantine/core'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { formatCount } from '@/lib/format/count'
import type { UnreadableRows } from '@/lib/ingest/sample/unreadable-rows'
import type { FollowingLoad, OmittedField } from './filling'
import classes from './new-table.module.css'
import type { NewTableFields } from './use-new-table-form'

/** The source that filled the form, and the form's earlier content. */
export type Filled = {
  source: string
  before: NewTableFields
  next: FollowingLoad | null
  omitted: readonly OmittedField[]
}

const MAX_OMITTED = 10

export function FilledNotice({
  filled,
  unreadable,
  onUndo,
}: {
  filled: Filled
  /** Rows of the file that a load rejects as a whole. */
  unreadable: UnreadableRows | null
  onUndo: () => void
}) {
  const { source, next, omitted } = filled
  const more = omitted.length - MAX_OMITTED
  return (
    <div role="status" className="stack gap-8">
      <div className={classes.row}>
        <span className={classes.quiet}>
          Filled from {source}. Check it below before you create the table.
          {next !== null &&
            ` The page that loads ${next.fileCount === 1 ? 'its rows' : `the rows of all ${formatCount(next.fileCount)} files`} opens next.`}
        </span>
        <Button size="xs" variant="default" onClick={onUndo}>
          Undo
        </Button>
      </div>
      {unreadable !== null && (
        <WarningNote>
          {unreadable.sentence}. The columns are those of the other rows. The load rejects{' '}
          {unreadable.count === 1 ? 'this row' : 'these rows'}: correct the file, or allow rejected rows there.
          {unreadable.areMany &&
            ' That is more than 1%, so look at how the file is written before you create the table.'}
        </WarningNote>
      )}
      {omitted.length > 0 && (
        <div className={classes.note}>
          No type of Iceberg holds these columns, so the table does not have them, and the load leaves them out.
          <ul className={classes.problems} aria-label="Omitted columns">
            {omitted.slice(0, MAX_OMITTED).map(({ name, reason }) => (
              <li key={name}>{reason}</li>
            ))}
            {more > 0 && <li>and {formatCount(more)} more</li>}
          </ul>
        </div>
      )}
    </div>
  )
}
