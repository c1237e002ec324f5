'use client'
import { Unloaded } from '@/components/shell/unloaded'
import { BadgedTables } from '@/components/about/badges-of-page'
import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { PageFooter } from '@/components/ui/page-footer'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { joinedListing } from '@/components/ui/table/listing'
import { ExactTime } from '@/components/ui/values/exact-time'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { VisibleText } from '@/components/ui/values/visible-text'
import { actionName } from '@/lib/format/action-name'
import { auditQuery } from '@/lib/client/audit'
import type { AuditEntryView } from '@/lib/contract/audit'
import { formatQuantity } from '@/lib/format/count'
import { formatClock, formatDate, formatTimeTitle } from '@/lib/format/time'
import classes from './audit.module.css'
import { AuditChangeLine } from './audit-change'
import { AuditEntryLink } from './audit-entry-link'
import { AuditOutcome } from './audit-outcome'
import { AuditTarget } from './audit-target'
import { entryOrigin } from './describe-entry'
import { isNarrowed } from './audit-filter'
import { type AuditAddress, useEntryHref } from './use-audit-filter'

/** The entries that fit the filter in the address, the latest first. */
export function AuditList({ address, selectedId }: { address: AuditAddress; selectedId: string | null }) {
  const router = useRouter()
  const entryHref = useEntryHref()
  const timeZone = useTimeZone()
  const query = useInfiniteQuery(auditQuery(address.filter))
  const { data } = query
  if (data === undefined) {
    const skeleton = [12, 5, 'Reading the audit'] as const
    return <Unloaded query={query} subject="The audit" className="page-note" skeleton={skeleton} />
  }
  const { entries, badges, cutAtMs } = data
  const columns = [timeColumn(entries, timeZone), ...COLUMNS]
  return (
    <BadgedTables badges={badges}>
      {entries.length === 0 ? (
        // The footer stays at the end of the page.
        <div className="fill">
          <NoEntries address={address} isTruncated={cutAtMs !== null} />
        </div>
      ) : (
        <DataTable
          label="Audit"
          columns={selectedId === null ? columns : columns.filter(({ id }) => id !== 'changes')}
          rows={joinedListing(query, entries)}
          rowKey={({ id }) => id}
          rowHeight={40}
          onOpen={({ id }) => router.push(entryHref(id), { scroll: false })}
          {...(selectedId !== null && { selectedKey: selectedId })}
          gutter
          scrolls
          stacks
        />
      )}
      <PageFooter
        keys={[
          { keys: ['↑', '↓'], does: 'move' },
          { keys: ['↵'], does: 'open' },
        ]}
      >
        <span>
          {formatQuantity(entries.length, 'entry', 'entries')}
          {query.hasNextPage && ' so far'}
        </span>
        {cutAtMs !== null && (
          <span>
            looked back to <ExactTime atMs={cutAtMs} />
          </span>
        )}
        <NextPageButton query={query}>{cutAtMs === null ? 'Load older entries' : 'Look further back'}</NextPageButton>
      </PageFooter>
    </BadgedTables>
  )
}

function NoEntries({ address, isTruncated }: { address: AuditAddress; isTruncated: boolean }) {
  if (isTruncated) return <EmptyState>No entries match so far. There are older ones to look at.</EmptyState>
  if (isNarrowed(address.filter)) {
    return (
      <EmptyState
        action={
          <Button variant="default" onClick={address.clear}>
            Clear filters
          </Button>
        }
      >
        No entries in this period match these filters.
      </EmptyState>
    )
  }
  return (
    <EmptyState
      action={
        address.filter.range !== 'all' && (
          <Button variant="default" onClick={() => address.set({ range: 'all' })}>
            Show all times
          </Button>
        )
      }
    >
      Nothing was done in this time.
    </EmptyState>
  )
}

/** The time of the day, with the date in the first row of each day and in cards. Screen readers get both in every row. */
function timeColumn(entries: readonly AuditEntryView[], timeZone: string): Column<AuditEntryView> {
  const days = entries.map(({ atMs }) => formatDate(atMs, timeZone))
  const firstOfDay = new Set(entries.filter((_, i) => days[i] !== days[i - 1]).map(({ id }) => id))
  return {
    id: 'time',
    header: 'Time',
    headerTitle: `In the time zone ${timeZone}`,
    width: 105,
    cell: ({ id, atMs }) => (
      <AuditEntryLink auditId={id} isInRow>
        <time dateTime={new Date(atMs).toISOString()} title={formatTimeTitle(atMs, timeZone)}>
          {formatClock(atMs, timeZone)}{' '}
          <span className={classes.day} data-repeated={!firstOfDay.has(id) || undefined}>
            {formatDate(atMs, timeZone)}
          </span>
        </time>
      </AuditEntryLink>
    ),
  }
}

const COLUMNS: readonly Column<AuditEntryView>[] = [
  {
    id: 'who',
    header: 'Who',
    cell: (entry) => (
      <div>
        <div className={classes.name}>
          <VisibleText>{entry.actor}</VisibleText>
        </div>
        <div className={classes.entryOrigin}>
          <VisibleText>{entryOrigin(entry)}</VisibleText>
        </div>
      </div>
    ),
  },
  { id: 'what', header: 'What', cell: ({ action }) => actionName(action) },
  { id: 'on', header: 'On', cell: (entry) => <AuditTarget entry={entry} /> },
  { id: 'changes', header: 'Before and after', roomyOnly: true, cell: (entry) => <AuditChangeLine entry={entry} /> },
  { id: 'outcome', header: 'Outcome', cell: ({ outcome }) => <AuditOutcome outcome={outcome} /> },
]
