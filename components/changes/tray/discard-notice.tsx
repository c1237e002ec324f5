'use client'
import { ActionIcon, Button } from '@mantine/core'
import { IconTrash, IconX } from '@tabler/icons-react'
import classes from '@/components/changes/commit/commit-notice.module.css'
import { formatQuantity } from '@/lib/format/count'

type DiscardNoticeProps = { count: number; onUndo: () => void; onDismiss: () => void }

/** The line after *Discard*. It stays until it is dismissed: nothing else could bring the changes back. */
export function DiscardNotice({ count, onUndo, onDismiss }: DiscardNoticeProps) {
  return (
    <div className={classes.done} role="status">
      <IconTrash size={15} stroke={1.6} aria-hidden />
      <span>{formatQuantity(count, 'change')} discarded.</span>
      <Button variant="subtle" onClick={onUndo}>
        Undo
      </Button>
      <ActionIcon aria-label="Dismiss" size={24} onClick={onDismiss}>
        <IconX size={13} stroke={1.6} aria-hidden />
      </ActionIcon>
    </div>
  )
}
