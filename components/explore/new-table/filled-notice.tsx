'use client'
import { Button } from '@mantine/core'
import { formatCount } from '@/lib/format/count'
import type { CsvReading } from '@/lib/ingest/readings/csv-question'
import classes from './new-table.module.css'
import type { NewTableFields } from './use-new-table-form'

/** The source that filled the form, and the form's earlier content. `loadFile` is a file with rows, and `loadReading` how it is read. */
export type Filled = {
  source: string
  before: NewTableFields
  loadFile: string | null
  loadReading: CsvReading | null
  omitted: readonly string[]
}

const MAX_OMITTED = 10

export function FilledNotice({ filled, onUndo }: { filled: Filled; onUndo: () => void }) {
  const { source, loadFile, omitted } = filled
  const more = omitted.length - MAX_OMITTED
  return (
    <div role="status">
      <div className={classes.row}>
        <span className={classes.quiet}>
          Filled from {source}. Check it below before you create the table.
          {loadFile !== null && ' The page that loads rows opens next.'}
        </span>
        <Button size="xs" variant="default" onClick={onUndo}>
          Undo
        </Button>
      </div>
      {omitted.length > 0 && (
        <div className={classes.note}>
          No type of Iceberg holds these columns, so the table does not have them. Leave them out when you load the
          file.
          <ul className={classes.problems} aria-label="Omitted columns">
            {omitted.slice(0, MAX_OMITTED).map((text) => (
              <li key={text}>{text}</li>
            ))}
            {more > 0 && <li>and {formatCount(more)} more</li>}
          </ul>
        </div>
      )}
    </div>
  )
}
