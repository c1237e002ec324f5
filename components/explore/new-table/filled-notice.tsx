'use client'
import { Button } from '@mantine/core'
import { CopyButton } from '@/components/ui/controls/copy-button'
import classes from './new-table.module.css'
import type { NewTableFields } from './use-new-table-form'

/** The source that filled the form, and the form's earlier content. `loadFile` is a file with rows. */
export type Filled = { source: string; before: NewTableFields; loadFile: string | null }

type FilledNoticeProps = {
  filled: Filled
  catalog: string
  /** As the command line names it; null without a name. */
  table: string | null
  onUndo: () => void
}

export function FilledNotice({ filled, catalog, table, onUndo }: FilledNoticeProps) {
  const { source, loadFile } = filled
  const command =
    loadFile === null || table === null
      ? null
      : `lakeshore ingest --catalog ${quoteForShell(catalog)} --table ${quoteForShell(table)} --file ${quoteForShell(loadFile)}`
  return (
    <div role="status">
      <div className={classes.row}>
        <span className={classes.quiet}>Filled from {source}. Check it below before you create the table.</span>
        <Button size="xs" variant="default" onClick={onUndo}>
          Undo
        </Button>
      </div>
      {command !== null && (
        <div className={classes.row}>
          <span className={classes.quiet}>Once it is created, load the rows:</span>
          <code className="breakable">{command}</code>
          <CopyButton value={command} label="command" />
        </div>
      )}
    </div>
  )
}

function quoteForShell(text: string): string {
  return /^[A-Za-z0-9._/-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
