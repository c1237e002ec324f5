'use client'
import { ActionIcon, Button } from '@mantine/core'
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react'
import Link from 'next/link'
import { parseAsBoolean, useQueryState } from 'nuqs'
import { useCallback, useEffect, useState } from 'react'
import { createPortal } from 'react-dom'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { keepFocusNearby } from '@/components/ui/keep-focus-nearby'
import type { Intent } from '@/lib/changes/intents/intent'
import type { TableDetail } from '@/lib/contract/table/tables'
import { formatQuantity } from '@/lib/format/count'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { useEndingElsewhere, usePendingChanges } from '@/lib/client/table/pending-changes'
import { useUnfinishedLabel } from '@/lib/client/table/unfinished-edits'
import { paths } from '@/lib/paths/paths'
import classes from './change-tray.module.css'
import { PAST_STATE_REASON } from './past-state-reason'

const LazyReviewPanel = lazyComponent(async () => (await import('./review-panel')).ReviewPanel)

const LazyTraySummary = lazyComponent(async () => (await import('./tray-summary')).TraySummary)

const LazyTrayList = lazyComponent(async () => (await import('./tray-list')).TrayList)

const LazyProposedNotice = lazyComponent(
  async () => (await import('@/components/changes/commit/proposed-notice')).ProposedNotice,
)

const LazyCommitNotice = lazyComponent(
  async () => (await import('@/components/changes/commit/commit-notice')).CommitNotice,
)

const LazyDiscardNotice = lazyComponent(async () => (await import('./discard-notice')).DiscardNotice)

const LazyEndingNotice = lazyComponent(async () => (await import('./ending-notice')).EndingNotice)

/** `?review=true` while the review is open. */
const REVIEW_PARSER = parseAsBoolean.withDefault(false).withOptions({ history: 'push' })

/** The outcome for the changes that were in the tray. */
type Done =
  | { kind: 'committed'; auditId: string; metadataLocation: string; summary: string; isUndoable: boolean }
  | { kind: 'proposed'; proposal: { proposalId: string; title: string } }
  | { kind: 'discarded'; intents: readonly Intent[]; startedAt: string | null }

type ChangeTrayProps = { table: TableIdentifier; detail: TableDetail; sidePanelHost: HTMLElement | null }

/**
 * The pending changes of a table, at the bottom of every tab: a summary, which opens to a list, *Discard* and *Review*.
 * *Review* opens a side panel, the only one with *Commit* and
 * *Propose*.
 */
export function ChangeTray({ table, detail, sidePanelHost }: ChangeTrayProps) {
  const pending = usePendingChanges(table, detail)
  const [isReviewing, setReviewing] = useQueryState('review', REVIEW_PARSER)
  const [done, setDone] = useState<Done | null>(null)
  const [isOpen, setOpen] = useState(false)
  const ending = useEndingElsewhere(table, detail.tableUuid)
  const [dismissedId, setDismissedId] = useState<string | null>(null)
  const { intents, startedAt } = pending
  const isPastState = !detail.shown.isCurrent
  const schema = isPastState ? null : detail.schema
  const unfinished = useUnfinishedLabel()
  const blocked = isPastState ? PAST_STATE_REASON : unfinished && `${unfinished}: correct the value first.`
  const clearDone = useCallback(() => setDone(null), [])

  const endReview = () => void setReviewing(false, { history: 'replace' })
  const drop = (target: string) => {
    pending.drop(target)
    if (intents.length === 1) endReview()
  }
  const finish = (result: Done) => {
    pending.clear(result.kind)
    endReview()
    setDone(result)
  }
  const isEndedElsewhere = ending !== null
  useEffect(() => {
    // Otherwise the next change would open it.
    if (isEndedElsewhere && isReviewing) void setReviewing(false, { history: 'replace' })
  }, [isEndedElsewhere, isReviewing, setReviewing])

  if (intents.length === 0) {
    if (ending !== null && ending.endingId !== dismissedId) {
      return (
        <LazyEndingNotice
          key={ending.endingId}
          table={table}
          outcome={ending.outcome}
          onDismiss={() => {
            setDismissedId(ending.endingId)
            // The outcome of earlier changes, in this tab.
            clearDone()
          }}
        />
      )
    }
    if (done === null) return null
    if (done.kind === 'proposed')
      return <LazyProposedNotice entry={table} proposal={done.proposal} onDismiss={clearDone} />
    if (done.kind === 'discarded') {
      return (
        <LazyDiscardNotice
          count={done.intents.length}
          onUndo={() => {
            pending.update(() => done.intents, done.startedAt)
            clearDone()
          }}
          onDismiss={clearDone}
        />
      )
    }
    return (
      <LazyCommitNotice table={table} auditId={done.isUndoable ? done.auditId : null} onDismiss={clearDone}>
        Committed: {done.summary} ·{' '}
        <Link href={paths.metadataFiles(table, done.metadataLocation)} prefetch={false} onClick={clearDone}>
          new metadata
        </Link>
      </LazyCommitNotice>
    )
  }
  return (
    <section ref={keepFocusNearby} className={classes.tray} aria-label="Pending changes">
      <ActionIcon aria-label="List the changes" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? (
          <IconChevronDown size={15} stroke={1.6} aria-hidden />
        ) : (
          <IconChevronUp size={15} stroke={1.6} aria-hidden />
        )}
      </ActionIcon>
      <span className={classes.count}>{formatQuantity(intents.length, 'change')}</span>
      <span className={classes.summary} data-open={isOpen || undefined}>
        <LazyTraySummary table={table} pending={pending} isOpen={isOpen} schema={schema} />
      </span>
      {blocked !== null && <span className={classes.why}>{blocked}</span>}
      <Button
        variant="subtle"
        color="gray"
        onClick={() => finish({ kind: 'discarded', intents, startedAt })}
        disabled={isPastState}
      >
        Discard
      </Button>
      <Button
        variant={isReviewing ? 'default' : 'filled'}
        onClick={() => void setReviewing(true)}
        disabled={blocked !== null}
      >
        Review
      </Button>
      {isOpen && <LazyTrayList intents={intents} schema={schema} onDrop={isPastState ? null : drop} />}
      {isReviewing &&
        !isPastState &&
        sidePanelHost &&
        createPortal(
          <LazyReviewPanel
            table={table}
            pending={{ ...pending, drop }}
            detail={detail}
            onClose={() => void setReviewing(false)}
            onCommitted={(committed) => finish({ kind: 'committed', ...committed })}
            onProposed={(proposal) => finish({ kind: 'proposed', proposal })}
          />,
          sidePanelHost,
        )}
    </section>
  )
}
