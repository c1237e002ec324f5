'use client'
import { Button } from '@mantine/core'
import { formatCount } from '@/lib/format/count'
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

export function FilledNotice({ filled, onUndo }: { filled: Filled; onUndo: () => void }) {
  const { source, next, omitted } = filled
  const more = omitted.length - MAX_OMITTED
  return (
    <div role="status">
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
