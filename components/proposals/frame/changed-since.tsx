'use client'
import { useInfiniteQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { changeText } from '@/components/about/change-line'
import { entryKey } from '@/components/table/history/history-list'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { VisibleText } from '@/components/ui/values/visible-text'
import { historyQuery } from '@/lib/client/table/history'
import type { ProposedEntry } from '@/lib/client/table/proposals'
import type { HistoryEntry } from '@/lib/contract/table/history'
import { actionName } from '@/lib/format/action-name'
import { formatQuantity } from '@/lib/format/count'
import { entryKind, type TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import classes from './changed-since.module.css'

const MAX_SHOWN_ENTRIES = 5
const MAX_SHOWN_CHANGES = 3

type ChangedSinceProps = { entry: ProposedEntry; proposedAtMs: number }

/** After a commit was refused because of another one, while the proposal still fits: the review is a new one. */
export function ChangedSince({ entry, proposedAtMs }: ChangedSinceProps) {
  return (
    <WarningNote isLive>
      <strong>The {entryKind(entry)} changed since; the request below is new.</strong> Nothing was committed. Review it,
      and commit again.
      {'table' in entry && <CommitsSince table={entry} proposedAtMs={proposedAtMs} />}
    </WarningNote>
  )
}

/** The changes of the table since it was proposed, in the words of its history. */
function CommitsSince({ table, proposedAtMs }: { table: TableIdentifier; proposedAtMs: number }) {
  const timeZone = useTimeZone()
  const { data, error } = useInfiniteQuery(historyQuery(table))
  if (error) return <p className={classes.line}>The changes could not be read: {error.message}</p>
  if (data === undefined) return <p className={classes.line}>Reading the changes…</p>
  const later = data.filter((one) => one.atMs > proposedAtMs && isChange(one))
  const isPartial = later.length === data.length
  if (later.length === 0) return null
  return (
    <>
      <p className={classes.line}>
        {isPartial && 'At least '}
        {formatQuantity(later.length, 'change')} since it was proposed:
      </p>
      <ul className={classes.list}>
        {later.slice(0, MAX_SHOWN_ENTRIES).map((one) => (
          <li key={entryKey(one)}>
            {actionName(one.action)} by <VisibleText>{one.actor ?? 'an unknown writer'}</VisibleText>,{' '}
            <RelativeTime atMs={one.atMs} />
            {one.changes.length > 0 && (
              <>
                : <VisibleText>{changesText(one, timeZone)}</VisibleText>
              </>
            )}
          </li>
        ))}
      </ul>
      <Link href={paths.table(table, 'history')} prefetch={false}>
        {later.length > MAX_SHOWN_ENTRIES ? 'All changes in the history' : 'History of the table'}
      </Link>
    </>
  )
}

/** Proposals and decisions are in the history, too, and change nothing. */
function isChange({ changes, snapshotId, snapshots, outcome }: HistoryEntry): boolean {
  return outcome !== 'not-committed' && (changes.length > 0 || snapshotId !== null || snapshots.length > 0)
}

function changesText({ changes }: HistoryEntry, timeZone: string): string {
  const shown = changes
    .slice(0, MAX_SHOWN_CHANGES)
    .map((change) => changeText(change, timeZone))
    .join(' · ')
  const hiddenCount = changes.length - MAX_SHOWN_CHANGES
  return hiddenCount > 0 ? `${shown} and ${hiddenCount} more` : shown
}
