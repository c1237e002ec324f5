'use client'
import { ActionIcon, Button } from '@mantine/core'
import { IconAlertOctagon, IconAlertTriangle, IconTrash, IconX } from '@tabler/icons-react'
import Link from 'next/link'
import { type ReactNode, useEffect, useRef } from 'react'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { useLoadedDialog } from '@/components/ui/controls/use-loaded-dialog'
import { useNow } from '@/components/ui/values/use-now'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { ENGINE_LABELS } from '@/lib/client/query/engine-names'
import type { HistoryEntry } from '@/lib/client/query/query-history'
import { VisibleText } from '@/components/ui/values/visible-text'
import { visibleText } from '@/lib/format/visible-text'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import { formatRelativeTime } from '@/lib/format/time'
import { paths } from '@/lib/paths/paths'
import classes from './history-panel.module.css'

/** Earlier queries, newest first, failed ones with the reason. A click restores the text and does not run it. */
export function HistoryPanel({
  entries,
  saved,
  onPick,
  onClear,
  isOpen,
  onClose,
}: {
  entries: readonly HistoryEntry[]
  /** The saved queries, shown above the history. */
  saved: ReactNode
  onPick: (sql: string) => void
  onClear: () => void
  /** For narrow pages. On wide pages the panel is always next to the editor. */
  isOpen: boolean
  onClose: () => void
}) {
  const nowMs = useNow()
  const question = useLoadedDialog(loadQuestion)
  const timeZone = useTimeZone()
  const panel = useRef<HTMLElement>(null)
  const wasCleared = useRef(false)
  useEffect(() => {
    if (!wasCleared.current || entries.length > 0) return
    wasCleared.current = false
    // The button that had the focus was removed.
    panel.current?.focus()
  }, [entries])
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      aria-label="Saved queries and history"
      className={classes.panel}
      data-open={isOpen || undefined}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose()
      }}
    >
      <section aria-label="Saved queries" className={classes.saved}>
        {saved}
      </section>
      <header className={classes.head}>
        <h2 className={classes.title}>History</h2>
        {entries.length > 0 && (
          <Tooltip label="Clear history">
            <ActionIcon aria-label="Clear history" onClick={question.open}>
              <IconTrash size={15} stroke={1.6} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )}
        <ActionIcon aria-label="Close" onClick={onClose} className={classes.close}>
          <IconX size={15} stroke={1.6} aria-hidden />
        </ActionIcon>
      </header>
      {entries.length === 0 ? (
        <p className={classes.empty}>
          No queries yet. Queries that you run are stored in this browser until you sign out.
        </p>
      ) : (
        <ol className={classes.list}>
          {entries.map((entry) => (
            <li key={entry.id}>
              <Link
                prefetch={false}
                href={paths.query(entry.sql)}
                className={classes.entry}
                title={visibleText(entry.sql)}
                onClick={(event) => {
                  // With a modifier key the link opens in a new tab; otherwise it only restores the text.
                  if (event.ctrlKey || event.metaKey || event.shiftKey) return
                  event.preventDefault()
                  onPick(entry.sql)
                }}
              >
                <code className="truncate">
                  <VisibleText>{entry.sql.replace(/\s+/g, ' ')}</VisibleText>
                </code>
                <span className="row gap-8 quiet small">
                  <Outcome entry={entry} />
                  <span className={classes.when}>{formatRelativeTime(entry.ranAtMs, nowMs, timeZone)}</span>
                </span>
              </Link>
            </li>
          ))}
        </ol>
      )}
      <Button variant="default" onClick={onClose} className={classes.back}>
        Back to the query
      </Button>
      {question.Dialog && (
        <question.Dialog
          opened={question.isOpen}
          entryCount={entries.length}
          onClose={question.close}
          onConfirm={() => {
            wasCleared.current = true
            onClear()
            question.close()
          }}
        />
      )}
    </aside>
  )
}

async function loadQuestion() {
  return (await import('./clear-history')).ClearHistory
}

function Outcome({ entry: { outcome, elapsedMs, engine } }: { entry: HistoryEntry }) {
  const ranOn = engine === undefined ? '' : `, ${ENGINE_LABELS[engine].toLowerCase()}`
  switch (outcome.kind) {
    case 'done':
      return (
        <span className={classes.outcome}>
          {outcome.isTruncated && <IconAlertTriangle size={13} stroke={1.6} className="warn" aria-hidden />}
          {formatQuantity(outcome.rowCount, 'row')}
          {outcome.isTruncated ? ', truncated at the limit' : `, ${formatDuration(elapsedMs)}`}
          {ranOn}
        </span>
      )
    case 'failed':
      return (
        <span className={classes.outcome}>
          <IconAlertOctagon size={13} stroke={1.6} className="removed" aria-hidden />
          <span className="truncate">{outcome.reason}</span>
        </span>
      )
    case 'unconfirmed':
      return (
        <span className={classes.outcome}>
          <IconAlertTriangle size={13} stroke={1.6} className="warn" aria-hidden />
          would read {formatBytes(outcome.readBytes)}, not run
        </span>
      )
    case 'unrun':
      return <span className={classes.outcome}>not run, replaced</span>
    case 'cancelled':
      return (
        <span className={classes.outcome}>
          <IconAlertTriangle size={13} stroke={1.6} className="warn" aria-hidden />
          cancelled after {formatDuration(elapsedMs)}
          {ranOn}
        </span>
      )
  }
}
