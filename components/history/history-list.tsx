'use client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { PropertyValue } from '@/components/changes/change-description'
import { CommitNotice } from '@/components/changes/commit-notice'
import { useShownTable } from '@/components/tables/shown-table'
import { ExactTime } from '@/components/ui/values/exact-time'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { PageFooter } from '@/components/ui/page-footer'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { historyQuery, useUndo } from '@/lib/client/history'
import { useCanChange } from '@/components/tables/use-can-change'
import type { HistoryEntry } from '@/lib/contract/history'
import { formatQuantity } from '@/lib/format/count'
import { namespaceLabel } from '@/lib/iceberg/identifiers'
import { retryFetch } from '@/lib/client/retry'
import classes from './history-list.module.css'

/** Commits and console actions on one timeline, with *Undo* for changes that no later commit has touched. */
export function HistoryList() {
  const { table } = useShownTable()
  const query = useInfiniteQuery(historyQuery(table))
  const undo = useUndo(table)
  const { isOffered: canUndo } = useCanChange('table:maintain')
  const [doneAuditId, setDoneAuditId] = useState<string | null>(null)
  const name = `${namespaceLabel(table.namespace)}.${table.table}`
  if (query.isPending) return <SkeletonRows rows={12} columns={4} label="Reading the history" />
  if (query.error) {
    return (
      <div className={classes.problem}>
        <ProblemNote error={query.error} subject={name} onRetry={() => retryFetch(query.refetch)} />
      </div>
    )
  }
  const entries = query.data
  if (entries.length === 0)
    return <EmptyState>No history yet. Commits and changes to this table will appear here.</EmptyState>
  const onUndo = (auditId: string) => undo.mutate(auditId, { onSuccess: (done) => setDoneAuditId(done.auditId) })
  return (
    <>
      {undo.error && (
        <div className={classes.problem}>
          <ProblemNote error={undo.error} subject={name} unchanged="The table was not changed." />
        </div>
      )}
      <DataTable
        label="History"
        columns={buildColumns(canUndo ? onUndo : null, undo.isPending ? undo.variables : null)}
        rows={entries}
        rowKey={entryKey}
        rowHeight={40}
        gutter
        scrolls
        stacks
      />
      {doneAuditId !== null && (
        <CommitNotice
          key={doneAuditId}
          table={table}
          auditId={doneAuditId}
          isRedo
          onDismiss={() => setDoneAuditId(null)}
        >
          Undone.
        </CommitNotice>
      )}
      <PageFooter>
        <span>{formatQuantity(entries.length, 'entry', 'entries')}</span>
        {query.hasNextPage && (
          <WaitingButton variant="subtle" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Load older entries
          </WaitingButton>
        )}
      </PageFooter>
    </>
  )
}

/** @param onUndo null when the user may not undo */
function buildColumns(onUndo: ((auditId: string) => void) | null, undoingId: string | null): Column<HistoryEntry>[] {
  return [
    { id: 'when', header: 'When', width: 205, cell: ({ atMs }) => <ExactTime atMs={atMs} /> },
    {
      id: 'who',
      header: 'Who',
      cell: (entry) => (
        <div>
          <div className={classes.who}>{entry.actor ?? 'unknown'}</div>
          <div className={classes.source}>{sourceText(entry)}</div>
        </div>
      ),
    },
    {
      id: 'what',
      header: 'What',
      cell: ({ action, snapshotId }) => (
        <div>
          <div>{actionLabel(action)}</div>
          {snapshotId !== null && <code className={classes.source}>{snapshotId}</code>}
        </div>
      ),
    },
    { id: 'changes', header: 'Before and after', cell: ({ changes }) => <Changes changes={changes} /> },
    {
      id: 'undo',
      header: '',
      align: 'end',
      width: 90,
      cell: ({ auditId, isUndoable }) =>
        onUndo !== null &&
        auditId !== null &&
        isUndoable && (
          <WaitingButton variant="subtle" loading={undoingId === auditId} onClick={() => onUndo(auditId)}>
            Undo
          </WaitingButton>
        ),
    },
  ]
}

/** `set-properties` → `Set properties`. */
function actionLabel(action: string): string {
  const words = action.replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function sourceText({ source, via }: HistoryEntry): string {
  if (via) return `${via.client ?? 'a program'} · token ${via.token}`
  return source === 'console' ? 'in this console' : 'commit'
}

function Changes({ changes }: { changes: HistoryEntry['changes'] }) {
  const text = changes
    .map(({ name, before, after }) => `${name}: ${before ?? 'not set'} → ${after ?? 'not set'}`)
    .join('\n')
  return (
    <div className={classes.changes} title={text}>
      {changes.slice(0, 2).map(({ name, before, after }) => (
        <div key={name}>
          <code>{name}</code>{' '}
          <span className={classes.before}>
            <PropertyValue value={before} />
          </span>{' '}
          → <PropertyValue value={after} />
        </div>
      ))}
      {changes.length > 2 && <span className={classes.source}>and {changes.length - 2} more</span>}
    </div>
  )
}

function entryKey({ auditId, snapshotId, atMs, action }: HistoryEntry): string {
  return auditId ?? `${snapshotId} ${atMs} ${action}`
}
