'use client'
import { Button } from '@mantine/core'
import { useCallback, useState } from 'react'
import { createPortal } from 'react-dom'
import type { ChangeIntent } from '@/lib/contract/changes'
import type { TableDetail } from '@/lib/contract/tables'
import { formatQuantity } from '@/lib/format/count'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { CommitNotice } from './commit-notice'
import { usePendingChanges } from './pending-changes'
import { ReviewPanel } from './review-panel'
import classes from './change-tray.module.css'

type ChangeTrayProps = { table: TableIdentifier; detail: TableDetail; sidePanelHost: HTMLElement | null }

/**
 * The pending changes of a table, at the bottom of every tab: a summary, *Discard* and *Review*. *Review* opens a side
 * panel, the only one with *Commit*.
 */
export function ChangeTray({ table, detail, sidePanelHost }: ChangeTrayProps) {
  const pending = usePendingChanges(table)
  const [isReviewing, setReviewing] = useState(false)
  const [done, setDone] = useState<{ auditId: string; summary: string } | null>(null)
  const { intents } = pending
  const clearDone = useCallback(() => setDone(null), [])
  const summary = intents.map(intentSummary).join(' · ')

  const onCommitted = (auditId: string) => {
    pending.clear()
    setReviewing(false)
    setDone({ auditId, summary })
  }
  if (intents.length === 0) {
    if (done === null) return null
    return (
      <CommitNotice table={table} auditId={done.auditId} onDismiss={clearDone}>
        Committed: {done.summary}
      </CommitNotice>
    )
  }
  return (
    <section className={classes.tray} aria-label="Pending changes">
      <span className={classes.count}>{formatQuantity(intents.length, 'change')}</span>
      <span className={classes.summary}>{summary}</span>
      {!detail.shown.isNow && <span className={classes.why}>Changes apply to the table as it is now.</span>}
      <Button variant="subtle" color="gray" onClick={pending.clear}>
        Discard
      </Button>
      <Button variant={isReviewing ? 'default' : 'filled'} onClick={() => setReviewing(true)}>
        Review
      </Button>
      {isReviewing &&
        sidePanelHost &&
        createPortal(
          <ReviewPanel table={table} pending={pending} onClose={() => setReviewing(false)} onCommitted={onCommitted} />,
          sidePanelHost,
        )}
    </section>
  )
}

function intentSummary(intent: ChangeIntent): string {
  return intent.kind === 'remove-property' ? `remove ${intent.key}` : `${intent.key} = ${intent.value}`
}
