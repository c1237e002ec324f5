'use client'
import { useInfiniteQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { Unloaded } from '@/components/shell/unloaded'
import { Operation } from '@/components/table/impact/operation'
import { CountChange } from '@/components/table/impact/change-figure'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { snapshotsQuery } from '@/lib/client/table/snapshots'
import type { Snapshot } from '@/lib/contract/table/snapshots'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import classes from './commit-strip.module.css'

const MAX_COMMITS = 5

/**
 * The newest commits, each with a link to the table at that snapshot.
 *
 * @param props.upTo the snapshot of the shown state, the newest in the list; null for the current state
 */
export function CommitStrip({ table, upTo }: { table: TableIdentifier; upTo: string | null }) {
  const query = useInfiniteQuery(snapshotsQuery(table, upTo === null ? {} : { upTo }))
  return (
    <Panel
      title={upTo === null ? 'Newest commits' : 'Newest commits at that time'}
      actions={<Link href={paths.table(table, 'snapshots')}>All snapshots</Link>}
      flush={query.isSuccess && query.data.totalCount > 0}
    >
      <Unloaded query={query} subject={table.table} skeleton={[6, 3, 'Reading snapshots']} />
      {query.data?.totalCount === 0 && <EmptyState>No commits yet.</EmptyState>}
      {query.data && query.data.totalCount > 0 && (
        <ul className={classes.commits}>
          {query.data.snapshots.slice(0, MAX_COMMITS).map((snapshot) => (
            <li key={snapshot.snapshotId}>
              <Link href={paths.table(table, 'data', { snapshotId: snapshot.snapshotId })} className={classes.commit}>
                <span className={classes.when}>
                  <RelativeTime atMs={snapshot.committedAtMs} />
                </span>
                <Operation operation={snapshot.operation} />
                <span className="secondary">
                  <CountChange change={snapshot.rows} /> {isOneRow(snapshot.rows) ? 'row' : 'rows'}
                </span>
                {upTo === null && !snapshot.isOnMain && (
                  <span className={classes.branch} {...(snapshot.branch !== null && { title: snapshot.branch })}>
                    {snapshot.branch === null ? 'in no branch' : `in ${snapshot.branch}`}
                  </span>
                )}
                <span className={classes.writer} {...(snapshot.writer !== null && { title: snapshot.writer })}>
                  {snapshot.writer ?? ''}
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

/** Whether the only figure that {@link CountChange} shows is 1. */
function isOneRow({ added, removed }: Snapshot['rows']): boolean {
  return (added ?? 0) + (removed ?? 0) === 1
}
