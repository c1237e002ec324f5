'use client'
import { IconCheck } from '@tabler/icons-react'
import Link from 'next/link'
import { type ReactNode, useEffect } from 'react'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { useUndo } from '@/lib/client/table/history'
import { entryLabel, type TableIdentifier } from '@/lib/names/identifiers'
import classes from './commit-notice.module.css'

const VISIBLE_MS = 8_000

/**
 * `auditId` is null when the commit cannot be undone, or not without a confirmation. `isRedo`: the commit was an undo itself, so
 * undoing it is a redo. `undoHref`: where it can be undone with a confirmation.
 */
type CommitNoticeProps = {
  table: TableIdentifier
  auditId: string | null
  isRedo?: boolean
  undoHref?: string
  onDismiss: () => void
  children: ReactNode
}

/** The line after a commit, with *Undo*, which History offers too. It stays while an undo is running or has failed. */
export function CommitNotice({ table, auditId, isRedo = false, undoHref, onDismiss, children }: CommitNoticeProps) {
  const undo = useUndo(table)
  const isBusy = undo.status !== 'idle'
  useEffect(() => {
    if (isBusy) return
    const timer = setTimeout(onDismiss, VISIBLE_MS)
    return () => clearTimeout(timer)
  }, [isBusy, onDismiss])
  if (undo.error) {
    return (
      <div className={classes.problem}>
        <ProblemNote error={undo.error} subject={entryLabel(table)} unchanged="The commit was not undone." />
      </div>
    )
  }
  return (
    <div className={classes.done} role="status">
      <IconCheck size={15} stroke={1.6} aria-hidden />
      <span>{undo.isSuccess ? (isRedo ? 'Redone.' : 'Undone.') : children}</span>
      {undoHref !== undefined && (
        <Link href={undoHref} prefetch={false}>
          Undo…
        </Link>
      )}
      {!undo.isSuccess && auditId !== null && (
        <WaitingButton
          variant="subtle"
          loading={undo.isPending}
          onClick={() => undo.mutate({ auditId }, { onSuccess: () => setTimeout(onDismiss, VISIBLE_MS) })}
        >
          {isRedo ? 'Redo' : 'Undo'}
        </WaitingButton>
      )}
    </div>
  )
}
