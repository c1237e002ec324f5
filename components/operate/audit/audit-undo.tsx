'use client'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { undoPreviewQuery } from '@/lib/client/table/history'
import type { AuditEntryView } from '@/lib/contract/audit'
import type { UndoPreview } from '@/lib/contract/table/history'
import { formatQuantity } from '@/lib/format/count'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import classes from './audit.module.css'

/** The undo in the History of the table, with the changes that it would revert, or why it is impossible now. */
export function AuditUndo({ entry, table }: { entry: Pick<AuditEntryView, 'id'>; table: TableIdentifier }) {
  const { data, error } = useQuery({ ...undoPreviewQuery(table, entry.id, null), retry: false })
  if (error) return <p className={classes.left}>It cannot be undone now. {error.message}</p>
  if (data === undefined) return null
  const left = leftBehindText(data)
  return (
    <>
      <Button component={Link} variant="default" href={paths.undo(table, entry.id)}>
        Undo…
      </Button>
      {left !== null && <p className={classes.left}>{left}</p>}
    </>
  )
}

function leftBehindText({ impact }: UndoPreview): string | null {
  const count = impact?.unreferencedSnapshotIds.length ?? 0
  return count === 0 ? null : `An undo would leave ${formatQuantity(count, 'snapshot')} without a branch or tag.`
}
