'use client'
import { IconAlertOctagon, IconEye, IconFolder, IconTable } from '@tabler/icons-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import type { ReactNode } from 'react'
import { BadgeChip, ProtectedChip } from '@/components/about/badge-chip'
import { unknownRatioReason } from '@/components/about/no-data-files'
import { useBadgesIn } from '@/components/about/use-badges-in'
import { Sparkline } from '@/components/chart/sparkline'
import { Bytes } from '@/components/ui/values/bytes'
import { Count } from '@/components/ui/values/count'
import { RowCount } from '@/components/ui/values/row-count'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import type { Listing } from '@/components/ui/table/listing'
import type { Sort } from '@/components/ui/table/table-sort'
import { useSortInUrl } from '@/components/ui/table/use-sort-in-url'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { Unknown } from '@/components/ui/values/unknown'
import type { TableSummary } from '@/lib/contract/namespaces'
import { RHYTHM_DAYS } from '@/lib/contract/shapes/plain-values'
import { ERROR_CODES } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { formatRatio } from '@/lib/format/ratio'
import type { Namespace } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { sum } from '@/lib/sum'
import { figureSortKey, type Entry, entrySummary } from './entry'
import classes from './namespaces.module.css'
import { useFavouriteColumn } from './use-favourite-column'

/** Namespaces, tables and views of a namespace with their main figures, one per row. */
export function EntryTable({
  catalog,
  namespace,
  entries,
}: {
  catalog: string
  namespace: Namespace
  /** Until the list is whole, the server sorts it, by `CONTENT_SORTS`. */
  entries: Listing<Entry>
}) {
  const router = useRouter()
  const sorting = useSortInUrl()
  const badgeOf = useBadgesIn(catalog, namespace)
  const favourite = useFavouriteColumn(catalog, namespace)
  const entryHref = (entry: Entry) =>
    entry.kind === 'namespace'
      ? paths.namespace(catalog, entry.inside.namespace)
      : paths.entry(catalog, namespace, { kind: entry.kind, name: entry.name })
  const name: Column<Entry> = {
    id: 'name',
    header: 'Name',
    weight: 'name',
    sortBy: ({ name: sortName }) => sortName,
    cell: (entry) => {
      const Icon = ICONS[entry.kind]
      const about = entrySummary(entry)?.about
      const badge = about ?? badgeOf(entry.kind, entry.name)
      return (
        <span className={classes.name}>
          <Icon size={14} stroke={1.6} aria-hidden />
          <Link href={entryHref(entry)} tabIndex={-1} prefetch={false}>
            {entry.name}
          </Link>
          {badge && <BadgeChip {...badge} />}
          {about?.isProtected === true && <ProtectedChip />}
          {about && about.description !== null && (
            <span className={classes.about} title={about.description}>
              {about.description}
            </span>
          )}
        </span>
      )
    },
  }
  return (
    <>
      {favourite.problem !== null && (
        <p role="alert" className={classes.alert}>
          {favourite.problem}
        </p>
      )}
      <DataTable
        label="Tables, views and namespaces"
        columns={[name, ...FIGURE_COLUMNS, favourite.column]}
        rows={entries}
        rowKey={(entry) => `${entry.kind} ${entry.name}`}
        onOpen={(entry) => router.push(entryHref(entry))}
        rowMessage={problemCell}
        sorting={sorting}
        serverSorts={SERVER_SORTS}
        gutter
        scrolls
      />
    </>
  )
}

const SERVER_SORTS = ['name']

/** Whether the list can be sorted like this: a whole list by all columns with figures, others as the server does. */
export function isEntrySort({ columnId }: Sort, isWhole: boolean): boolean {
  if (SERVER_SORTS.includes(columnId)) return true
  return isWhole && FIGURE_COLUMNS.some(({ id, sortBy }) => id === columnId && sortBy !== undefined)
}

const ICONS = { namespace: IconFolder, table: IconTable, view: IconEye }

function problemCell(entry: Entry) {
  if (entry.kind !== 'table' || entry.details.problem === null) return null
  const { code, detail } = entry.details.problem
  return (
    <span className={classes.problem} title={detail}>
      <IconAlertOctagon size={14} stroke={1.6} aria-hidden />
      {ERROR_CODES[code].title}: {detail}
    </span>
  )
}

function formatText(entry: Entry): string | null {
  if (entry.kind === 'view') return 'view'
  if (entry.kind === 'namespace') return formatQuantity(entry.inside.tableCount, 'table')
  return entry.details.summary && `v${entry.details.summary.formatVersion}`
}

/** A cell with a figure of a table; empty for namespaces and views. */
function figureCell(renderCell: (summary: TableSummary) => ReactNode): (entry: Entry) => ReactNode {
  return (entry) => {
    const summary = entrySummary(entry)
    return summary && renderCell(summary)
  }
}

const FIGURE_COLUMNS: readonly Column<Entry>[] = [
  {
    id: 'format',
    header: 'Format',
    sortBy: figureSortKey(({ formatVersion }) => formatVersion),
    cell: (entry) => <span className="secondary">{formatText(entry)}</span>,
  },
  {
    id: 'rows',
    header: 'Rows',
    headerTitle: 'Rows in data files, without subtracting deletes',
    align: 'end',
    sortBy: figureSortKey(({ rowCount }) => rowCount),
    cell: figureCell(({ rowCount, deleteFileCount }) => (
      <RowCount rowCount={rowCount} deleteFileCount={deleteFileCount} />
    )),
  },
  {
    id: 'bytes',
    header: 'Live bytes',
    align: 'end',
    sortBy: figureSortKey(({ liveBytes }) => liveBytes),
    cell: figureCell(({ liveBytes }) => <Bytes value={liveBytes} />),
  },
  {
    id: 'files',
    header: 'Files',
    align: 'end',
    sortBy: figureSortKey(({ dataFileCount }) => dataFileCount),
    cell: figureCell(({ dataFileCount }) => <Count value={dataFileCount} />),
  },
  {
    id: 'deletes',
    header: 'Delete files',
    align: 'end',
    sortBy: figureSortKey(({ deleteFileCount }) => deleteFileCount),
    cell: figureCell(({ deleteFileCount }) => <Count value={deleteFileCount} />),
  },
  {
    id: 'ratio',
    header: 'Ratio',
    headerTitle: 'Plain bytes to stored bytes of the live data files',
    align: 'end',
    sortBy: figureSortKey(({ ratio }) => ratio && ratio.plainBytes / ratio.storedBytes),
    cell: figureCell(({ ratio, dataFileCount }) =>
      ratio === null ? <Unknown reason={unknownRatioReason(dataFileCount)} /> : <Ratio {...ratio} />,
    ),
  },
  {
    id: 'partition',
    header: 'Partition by',
    sortBy: figureSortKey(({ partitionedBy }) => partitionedBy),
    cell: figureCell(({ partitionedBy }) =>
      partitionedBy === '' ? (
        <span className="secondary">none</span>
      ) : (
        <code className="secondary">{partitionedBy}</code>
      ),
    ),
  },
  {
    id: 'rhythm',
    header: `Commits, ${RHYTHM_DAYS} d`,
    sortBy: figureSortKey(({ commitsByDay }) => sum(commitsByDay)),
    cell: figureCell(({ commitsByDay }) => (
      <Sparkline
        values={commitsByDay}
        label={`${formatQuantity(sum(commitsByDay), 'commit')} in ${RHYTHM_DAYS} days`}
      />
    )),
  },
  {
    id: 'commit',
    header: 'Last snapshot',
    align: 'end',
    sortBy: figureSortKey(({ lastCommitMs }) => lastCommitMs),
    cell: figureCell(({ lastCommitMs }) => (
      <span className="secondary">
        {lastCommitMs === null ? <Unknown reason="no snapshots yet" /> : <RelativeTime atMs={lastCommitMs} />}
      </span>
    )),
  },
]

function Ratio({
  plainBytes,
  storedBytes,
  isEstimated,
}: {
  plainBytes: number
  storedBytes: number
  isEstimated: boolean
}) {
  const title = `${formatBytes(plainBytes)} plain, ${formatBytes(storedBytes)} stored${isEstimated ? '; plain estimated from Parquet statistics' : ''}`
  return (
    <span title={title}>
      {isEstimated ? '≈ ' : ''}
      {formatRatio(plainBytes / storedBytes)}
    </span>
  )
}
