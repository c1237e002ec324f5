'use client'
import { ActionIcon } from '@mantine/core'
import { IconBrowserShare, IconX } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import classes from '@/components/changes/commit/commit-notice.module.css'
import { refreshTable } from '@/lib/client/table/changes'
import type { PendingOutcome } from '@/lib/client/table/pending-changes'
import type { TableIdentifier } from '@/lib/names/identifiers'

const SENTENCES: Record<PendingOutcome, string> = {
  committed: 'The changes were committed in another tab.',
  proposed: 'The changes were proposed in another tab. The table has not changed.',
  discarded: 'The changes were discarded in another tab.',
  removed: 'The changes were taken back in another tab.',
}

type EndingNoticeProps = { table: TableIdentifier; outcome: PendingOutcome; onDismiss: () => void }

/**
 * The line after another tab has ended the changes. After a commit it reads the table again: the page showed the same
 * changes, so the table must not appear without them. It stays until it is dismissed, because the user may look at this
 * tab much later.
 */
export function EndingNotice({ table, outcome, onDismiss }: EndingNoticeProps) {
  const queryClient = useQueryClient()
  useEffect(() => {
    if (outcome === 'committed') void refreshTable(queryClient, table, { hasFailed: false })
  }, [queryClient, table, outcome])
  return (
    <div className={classes.done} role="status">
      <IconBrowserShare size={15} stroke={1.6} aria-hidden />
      <span>{SENTENCES[outcome]}</span>
      <ActionIcon aria-label="Dismiss" size={24} onClick={onDismiss}>
        <IconX size={13} stroke={1.6} aria-hidden />
      </ActionIcon>
    </div>
  )
}
