'use client'
import { Button } from '@mantine/core'
import classes from './new-table.module.css'
import type { NewTableFields } from './use-new-table-form'

/** Where the form was filled from, and what it was before. */
export type Filled = { source: string; before: NewTableFields }

export function FilledNotice({ filled, onUndo }: { filled: Filled; onUndo: () => void }) {
  return (
    <div role="status" className={classes.row}>
      <span className={classes.quiet}>Filled from {filled.source}. Check it below before you create the table.</span>
      <Button size="xs" variant="default" onClick={onUndo}>
        Undo
      </Button>
    </div>
  )
}
