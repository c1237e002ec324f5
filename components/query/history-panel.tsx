'use client'
import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { IconAlertOctagon, IconAlertTriangle, IconTrash, IconX } from '@tabler/icons-react'
import Link from 'next/link'
import { useNow } from '@/components/ui/values/use-now'
import type { HistoryEntry } from '@/lib/client/query-history'
import { formatQuantity } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import { formatRelativeTime } from '@/lib/format/time'
import { paths } from '@/lib/paths'
import classes from './history-panel.module.css'

/** What was run before, newest first, failed ones with their reason. A click brings the text back and runs nothing. */
export function HistoryPanel({
  entries,
  onPick,
  onClear,
  isOpen,
  onClose,
}: {
  entries: readonly HistoryEntry[]
  onPick: (sql: string) => void
  onClear: () => void
  /** Where there is no room beside the editor; else it is always there. */
  isOpen: boolean
  onClose: () => void
}) {
  const nowMs = useNow()
  return (
    <aside
      aria-label="History"
      className={classes.panel}
      data-open={isOpen || undefined}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose()
      }}
    >
      <header className={classes.head}>
        <h2 className={classes.title}>History</h2>
        {entries.length > 0 && (
          <Tooltip label="Forget all of it in this browser">
            <ActionIcon aria-label="Clear history" onClick={onClear}>
              <IconTrash size={15} stroke={1.6} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )}
        <ActionIcon aria-label="Close history" onClick={onClose} className={classes.close}>
          <IconX size={15} stroke={1.6} aria-hidden />
        </ActionIcon>
      </header>
      {entries.length === 0 ? (
        <p className={classes.empty}>Queries you run are listed here. They are kept in this browser only.</p>
      ) : (
        <ol className={classes.list}>
          {entries.map((entry) => (
            <li key={entry.id}>
              <Link
                prefetch={false}
                href={paths.query(entry.sql)}
                className={classes.entry}
                title={entry.sql}
                onClick={(event) => {
                  // In another tab it is a link as any; here it only brings the text back.
                  if (event.ctrlKey || event.metaKey || event.shiftKey) return
                  event.preventDefault()
                  onPick(entry.sql)
                }}
              >
                <code className={classes.sql}>{entry.sql.replace(/\s+/g, ' ')}</code>
                <span className={classes.about}>
                  <Outcome entry={entry} />
                  <span className={classes.when}>{formatRelativeTime(entry.ranAtMs, nowMs)}</span>
                </span>
              </Link>
            </li>
          ))}
        </ol>
      )}
      <Button variant="default" onClick={onClose} className={classes.back}>
        Back to the query
      </Button>
    </aside>
  )
}

function Outcome({ entry: { outcome, elapsedMs } }: { entry: HistoryEntry }) {
  switch (outcome.kind) {
    case 'done':
      return (
        <span className={classes.outcome}>
          {outcome.isCut && <IconAlertTriangle size={13} stroke={1.6} className={classes.warn} aria-hidden />}
          {formatQuantity(outcome.rowCount, 'row')}
          {outcome.isCut ? ', cut at the limit' : `, ${formatDuration(elapsedMs)}`}
        </span>
      )
    case 'failed':
      return (
        <span className={classes.outcome}>
          <IconAlertOctagon size={13} stroke={1.6} className={classes.failed} aria-hidden />
          <span className={classes.reason}>{outcome.reason}</span>
        </span>
      )
    case 'unrun':
      return <span className={classes.outcome}>not run; a link took its place</span>
    case 'cancelled':
      return (
        <span className={classes.outcome}>
          <IconAlertTriangle size={13} stroke={1.6} className={classes.warn} aria-hidden />
          cancelled after {formatDuration(elapsedMs)}
        </span>
      )
  }
}
