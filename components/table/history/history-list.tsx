'use client'
import { Button } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { parseAsString, useQueryState } from 'nuqs'
import { useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { useFinishedPanel } from '@/components/changes/action/use-finished-panel'
import { ActionNotice, type CompletedAction } from '@/components/changes/commit/action-notice'
import { TableSidePanel, useShownTable } from '@/components/table/frame/shown-table'
import { ExactTime } from '@/components/ui/values/exact-time'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { joinedListing } from '@/components/ui/table/listing'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { PageFooter } from '@/components/ui/page-footer'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { historyQuery } from '@/lib/client/table/history'
import { changePolicyQuery } from '@/lib/client/table/proposals'
import { useCanEdit } from '@/components/table/frame/use-can-change'
import type { HistoryEntry, UndoBlocker } from '@/lib/contract/table/history'
import { formatQuantity } from '@/lib/format/count'
import { formatExactTime } from '@/lib/format/time'
import { entryLabel, namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { actionName } from '@/lib/format/action-name'
import { ChangeLine, changeText } from '@/components/about/change-line'
import { sourceText } from '@/components/about/source-text'
import classes from './history-list.module.css'
import { VisibleText } from '@/components/ui/values/visible-text'

const LazyUndoPanel = lazyComponent(async () => (await import('./undo-panel')).UndoPanel)
const LazyExpiryUndoPanel = lazyComponent(
  async () => (await import('@/components/table/expiry/expiry-undo-panel')).ExpiryUndoPanel,
)

/** Commits and console actions on one timeline, with *Undo* for changes that no later commit has touched. */
export function HistoryList() {
  const timeZone = useTimeZone()
  const { table, detail } = useShownTable()
  const query = useInfiniteQuery(historyQuery(table))
  // An undo is a change, too: a user who may not commit it proposes it.
  const { isOffered: canUndo, proposeOnly } = useCanEdit('table:maintain')
  const { requiredBy = null } = useQuery(changePolicyQuery(table.catalog, table.namespace)).data ?? {}
  const undoLabel = proposeOnly || requiredBy !== null ? 'Propose undo' : 'Undo'
  const [namedId, setNamedId] = useQueryState('undo', parseAsString.withOptions({ history: 'push' }))
  const { isFinished, finish, reopen } = useFinishedPanel({ undo: namedId })
  const undoId = isFinished ? null : namedId
  const open = (auditId: string) => {
    reopen()
    void setNamedId(auditId)
  }
  const [chosenId] = useQueryState('entry')
  const [done, setDone] = useState<CompletedAction | null>(null)
  const name = entryLabel(table)
  if (!query.isSuccess)
    return <Unloaded query={query} subject={name} className="page-note" skeleton={[12, 4, 'Reading the history']} />
  const entries = query.data
  const Panel = undoId !== null && isExpiry(entries, undoId) ? LazyExpiryUndoPanel : LazyUndoPanel
  if (entries.length === 0)
    return <EmptyState>No history yet. Commits and changes to this table will appear here.</EmptyState>
  return (
    <>
      <DataTable
        label="History"
        columns={buildColumns(table, canUndo === true ? { label: undoLabel, open } : null, timeZone)}
        rows={joinedListing(query, entries)}
        rowKey={entryKey}
        {...(chosenId !== null && { selectedKey: chosenId })}
        rowHeight={40}
        gutter
        scrolls
        stacks
      />
      <ActionNotice table={table} done={done} onDismiss={() => setDone(null)} />
      <PageFooter>
        <span>{formatQuantity(entries.length, 'entry', 'entries')}</span>
        {!detail.shown.isCurrent && <span>This list is always current.</span>}
        {canUndo === true && requiredBy !== null && (
          <span>Changes of tables in {namespaceLabel(requiredBy)} need two people, an undo too.</span>
        )}
        <NextPageButton query={query}>Load older entries</NextPageButton>
      </PageFooter>
      {undoId !== null && canUndo === true && (
        <TableSidePanel>
          <Panel
            key={undoId}
            table={table}
            auditId={undoId}
            onClose={() => void setNamedId(null)}
            onDone={(undone) => {
              finish()
              void setNamedId(null, { history: 'replace' })
              setDone(undone)
            }}
          />
        </TableSidePanel>
      )}
    </>
  )
}

/** The undo of an expiry commits no changes of the tray, so it has its own panel. */
function isExpiry(entries: readonly HistoryEntry[], auditId: string): boolean {
  return entries.some((entry) => entry.auditId === auditId && entry.isExpiry)
}

/** Outcomes of changes that the catalog did not report. */
const OUTCOMES: Readonly<Record<NonNullable<HistoryEntry['outcome']>, string>> = {
  committed: 'found in the catalog later',
  'not-committed': 'not committed',
  unknown: 'outcome unknown',
}

/** @param undo null when the user may neither undo nor propose it */
function buildColumns(
  table: TableIdentifier,
  undo: { label: string; open: (auditId: string) => void } | null,
  timeZone: string,
): Column<HistoryEntry>[] {
  return [
    { id: 'when', header: 'When', width: 205, cell: ({ atMs }) => <ExactTime atMs={atMs} /> },
    {
      id: 'who',
      header: 'Who',
      cell: (entry) => (
        <div>
          <div className="medium">{entry.actor ?? 'unknown'}</div>
          <div className="quiet micro">{sourceText(entry)}</div>
        </div>
      ),
    },
    {
      id: 'what',
      header: 'What',
      cell: ({ action, actor, snapshotId, snapshots, outcome, proposal, published }) => (
        <div>
          <div>
            {actionName(action)}
            {snapshots.length > 1 && ` (${[...new Set(snapshots.map(({ operation }) => operation))].join(' + ')})`}
          </div>
          {published !== null && (
            <div className="quiet micro" title={published.passedChecks.join('\n')}>
              {published.passedChecks.length === 0
                ? 'no checks saved'
                : `${formatQuantity(published.passedChecks.length, 'check')} passed: ${published.passedChecks.join(', ')}`}
            </div>
          )}
          {outcome !== null && <div className="quiet micro">{OUTCOMES[outcome]}</div>}
          {listSnapshotIds({ snapshotId, snapshots }).map((id) => (
            <div key={id}>
              <code className="quiet micro">{id}</code>
            </div>
          ))}
          {snapshots.length > MAX_SHOWN_SNAPSHOTS && (
            <div className="quiet micro">and {snapshots.length - MAX_SHOWN_SNAPSHOTS} more</div>
          )}
          {proposal && (
            <div className="quiet micro">
              <Link href={paths.proposal(table, proposal.proposalId)} prefetch={false}>
                <VisibleText>{proposal.title}</VisibleText>
              </Link>
              {proposal.proposedBy !== actor && (
                <>
                  , proposed by <VisibleText>{proposal.proposedBy}</VisibleText>
                </>
              )}
            </div>
          )}
        </div>
      ),
    },
    {
      id: 'changes',
      header: 'Before and after',
      tableOnly: ({ changes }) => changes.length === 0,
      cell: ({ changes }) => <Changes changes={changes} />,
    },
    {
      id: 'undo',
      header: '',
      align: 'end',
      width: undo?.label === 'Undo' ? 110 : 140,
      cell: ({ auditId, isUndoable, undoBlocker, action, atMs }) =>
        undo === null ? null : auditId === null || !isUndoable ? (
          <NoUndo blocker={undoBlocker} />
        ) : (
          <Button
            variant="subtle"
            aria-label={`${undo.label} ${actionName(action)} of ${formatExactTime(atMs, timeZone)}…`}
            onClick={() => undo.open(auditId)}
          >
            {undo.label}…
          </Button>
        ),
    },
  ]
}

/** Why an entry has no *Undo*. The cell of the action shows the outcome of a commit that was not made. */
const UNDO_BLOCKERS: Readonly<Record<Exclude<UndoBlocker, 'not-committed'>, { label: string; reason: string }>> = {
  undone: { label: 'undone', reason: 'A later entry undid this change.' },
  'no-reverse': { label: 'no undo', reason: 'A change of this kind has no undo.' },
  'changed-since': {
    label: 'cannot undo: changed since',
    reason: 'A later commit changed the same thing, or moved main.',
  },
  'too-late': {
    label: 'too late',
    reason: 'Commits followed the expiry, or files that the undo needs are removed.',
  },
  'read-only': {
    label: 'read-only',
    reason: 'The catalog or the format version of the table allows no commits from here.',
  },
  'not-recorded': {
    label: 'not recorded',
    reason: 'The commit was not made through this console or its catalog, so the audit has no earlier state of it.',
  },
}

function NoUndo({ blocker }: { blocker: UndoBlocker | null }) {
  if (blocker === null || blocker === 'not-committed') return null
  const { label, reason } = UNDO_BLOCKERS[blocker]
  return (
    <span className="quiet micro" title={reason}>
      {label}
    </span>
  )
}

function Changes({ changes }: { changes: HistoryEntry['changes'] }) {
  const timeZone = useTimeZone()
  const text = changes.map((change) => changeText(change, timeZone)).join('\n')
  return (
    <div className={classes.changes} title={text}>
      {changes.slice(0, 2).map((change) => (
        // Several columns may be renamed by one change.
        <div key={`${change.kind} ${change.name} ${change.before}`}>
          <ChangeLine change={change} />
        </div>
      ))}
      {changes.length > 2 && (
        <span className="quiet micro">and {formatQuantity(changes.length - 2, 'more change')}</span>
      )}
    </div>
  )
}
const MAX_SHOWN_SNAPSHOTS = 3

/** The added snapshots if the commit added several, otherwise the one of main. */
function listSnapshotIds({ snapshotId, snapshots }: Pick<HistoryEntry, 'snapshotId' | 'snapshots'>): string[] {
  if (snapshots.length > 1) return snapshots.slice(0, MAX_SHOWN_SNAPSHOTS).map((snapshot) => snapshot.snapshotId)
  return snapshotId === null ? [] : [snapshotId]
}

export function entryKey({ auditId, snapshotId, atMs, action }: HistoryEntry): string {
  return auditId ?? `${snapshotId} ${atMs} ${action}`
}
