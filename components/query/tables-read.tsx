import Link from 'next/link'
import type { QueryResult, TableRead } from '@/lib/query/engine'
import { formatPreciseTime } from '@/lib/format/precise-time'
import { formatTimeTitle } from '@/lib/format/time'
import { historyTableLabel } from '@/lib/facts/history-table-names'
import { asViewIdentifier, namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import classes from './tables-read.module.css'

/**
 * The sources of a result: each table with the state that the query named, its snapshot and the time of its commit, and
 * the columns with another name than in the table; each view with the dialect of its SQL.
 *
 * @param props.timeZone IANA name of the zone of the shown times
 */
export function TablesRead({
  result: { tablesRead, viewsRead, historyTables = [] },
  timeZone,
}: {
  result: Pick<QueryResult, 'tablesRead' | 'viewsRead' | 'historyTables'>
  timeZone: string
}) {
  if (tablesRead.length === 0 && viewsRead.length === 0 && historyTables.length === 0) return null
  const catalogs = new Set([...tablesRead, ...viewsRead].map(({ identifier }) => identifier.catalog))
  const label = (identifier: TableIdentifier) =>
    [...(catalogs.size > 1 ? [identifier.catalog] : []), namespaceLabel(identifier.namespace), identifier.table].join(
      '.',
    )
  return (
    <ul aria-label="Read from" className={classes.list}>
      {tablesRead.map((read) => (
        <li key={JSON.stringify([read.identifier, read.metadataTable, read.asOf, read.views])}>
          <Link
            prefetch={false}
            href={paths.table(read.identifier, 'overview', snapshotAsOf(read))}
            className={classes.name}
          >
            {label(read.identifier)}
            {read.metadataTable !== undefined && `$${read.metadataTable}`}
          </Link>
          {read.views.length > 0 && ` (through ${read.views.join(', ')})`}
          {asOfText(read)}
          {read.snapshotId === null ? (
            ': no snapshot yet'
          ) : (
            <>
              : snapshot <code>{read.snapshotId}</code>
              {read.committedAtMs !== null && (
                <>
                  {' '}
                  committed{' '}
                  <time
                    dateTime={new Date(read.committedAtMs).toISOString()}
                    title={formatTimeTitle(read.committedAtMs, timeZone)}
                  >
                    {formatPreciseTime(read.committedAtMs, timeZone)}
                  </time>
                </>
              )}
            </>
          )}
          {renamedText(read)}
        </li>
      ))}
      {historyTables.map((name) => (
        <li key={name}>{historyTableLabel(name)}: the collected history of the tables that you may read</li>
      ))}
      {viewsRead.map(({ identifier, dialect }) => (
        <li key={JSON.stringify(identifier)}>
          view{' '}
          <Link prefetch={false} href={paths.view(asViewIdentifier(identifier))} className={classes.name}>
            {label(identifier)}
          </Link>
          : its {dialect} SQL{dialect.toLowerCase() !== 'duckdb' && ', run in DuckDB'}
        </li>
      ))}
    </ul>
  )
}

/** The state that the query named: `, ref q1` or, in the zone of SQL, `, as of 21 Nov 2026, 03:35:42.000 UTC`. */
function asOfText({ asOf }: TableRead): string {
  if (asOf.ref !== undefined) return `, ref ${asOf.ref}`
  return asOf.atMs === undefined ? '' : `, as of ${formatPreciseTime(asOf.atMs, 'UTC')}`
}

/** The names of columns in this query: `; names that differ only in case: ID as ID_2`. */
function renamedText({ renamedColumns = [] }: TableRead): string {
  if (renamedColumns.length === 0) return ''
  const names = renamedColumns.map(({ name, queryName }) => `${name} as ${queryName}`).join(', ')
  return `; names that differ only in case: ${names}`
}

/** The snapshot that was read, or the table itself without one. */
function snapshotAsOf({ snapshotId }: TableRead) {
  return snapshotId === null ? {} : { snapshotId }
}
