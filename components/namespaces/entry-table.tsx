'use client'
import { IconAlertOctagon, IconEye, IconFolder, IconTable } from '@tabler/icons-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import type { ReactNode } from 'react'
import { Sparkline } from '@/components/chart/sparkline'
import { Bytes } from '@/components/ui/bytes'
import { Count } from '@/components/ui/count'
import { type Column, DataTable } from '@/components/ui/data-table'
import { RelativeTime } from '@/components/ui/relative-time'
import { Unknown } from '@/components/ui/unknown'
import { RHYTHM_DAYS, type TableSummary } from '@/lib/contract/namespaces'
import { ERROR_CODES } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { counted } from '@/lib/format/count'
import { formatRatio } from '@/lib/format/ratio'
import type { Namespace } from '@/lib/iceberg/identifiers'
import { paths } from '@/lib/paths'
import { sum } from '@/lib/sum'
import { byFigure, type Entry, summaryOf } from './entry'
import classes from './namespaces.module.css'

/** Namespaces, tables and views of a namespace with everything that tells them apart, one per line. */
export function EntryTable({
  catalog,
  namespace,
  entries,
}: {
  catalog: string
  namespace: Namespace
  entries: readonly Entry[]
}) {
  const router = useRouter()
  const addressOf = (entry: Entry) =>
    entry.kind === 'namespace'
      ? paths.namespace(catalog, entry.inside.namespace)
      : paths[entry.kind]({ catalog, namespace, table: entry.name })
  const name: Column<Entry> = {
    id: 'name',
    header: 'Name',
    weight: 'name',
    sortBy: ({ name: sortName }) => sortName,
    cell: (entry) => {
      const Icon = ICONS[entry.kind]
      return (
        <span className={classes.name}>
          <Icon size={14} stroke={1.6} aria-hidden />
          <Link href={addressOf(entry)} tabIndex={-1} prefetch={false}>
            {entry.name}
          </Link>
        </span>
      )
    },
  }
  return (
    <DataTable
      label="Tables, views and namespaces"
      columns={[name, ...FIGURES]}
      rows={entries}
      rowKey={(entry) => `${entry.kind} ${entry.name}`}
      onOpen={(entry) => router.push(addressOf(entry))}
      insteadOfCells={problemOf}
      gutter
      scrolls
      stacks
    />
  )
}

const ICONS = { namespace: IconFolder, table: IconTable, view: IconEye }

function problemOf(entry: Entry) {
  if (entry.kind !== 'table' || entry.told.problem === null) return null
  const { code, detail } = entry.told.problem
  return (
    <span className={classes.problem} title={detail}>
      <IconAlertOctagon size={14} stroke={1.6} aria-hidden />
      {ERROR_CODES[code].title}: {detail}
    </span>
  )
}

function formatOf(entry: Entry): string | null {
  if (entry.kind === 'view') return 'view'
  if (entry.kind === 'namespace') return counted(entry.inside.tableCount, 'table')
  return entry.told.summary && `v${entry.told.summary.formatVersion}`
}

/** A cell of a table's figures; namespaces and views leave it empty. */
function figure(draw: (summary: TableSummary) => ReactNode): (entry: Entry) => ReactNode {
  return (entry) => {
    const summary = summaryOf(entry)
    return summary && draw(summary)
  }
}

const FIGURES: readonly Column<Entry>[] = [
  {
    id: 'format',
    header: 'Format',
    sortBy: byFigure(({ formatVersion }) => formatVersion),
    cell: (entry) => <span className={classes.secondary}>{formatOf(entry)}</span>,
  },
  {
    id: 'rows',
    header: 'Rows',
    headerTitle: 'Rows in data files; what delete files take off is not taken off',
    align: 'end',
    sortBy: byFigure(({ rowCount }) => rowCount),
    cell: figure(({ rowCount }) => <Count value={rowCount} />),
  },
  {
    id: 'bytes',
    header: 'Live bytes',
    align: 'end',
    sortBy: byFigure(({ liveBytes }) => liveBytes),
    cell: figure(({ liveBytes }) => <Bytes value={liveBytes} />),
  },
  {
    id: 'files',
    header: 'Files',
    align: 'end',
    sortBy: byFigure(({ dataFileCount }) => dataFileCount),
    cell: figure(({ dataFileCount }) => <Count value={dataFileCount} />),
  },
  {
    id: 'deletes',
    header: 'Delete files',
    align: 'end',
    sortBy: byFigure(({ deleteFileCount }) => deleteFileCount),
    cell: figure(({ deleteFileCount }) => <Count value={deleteFileCount} />),
  },
  {
    id: 'ratio',
    header: 'Ratio',
    headerTitle: 'Plain bytes to stored bytes of the live data files',
    align: 'end',
    sortBy: byFigure(({ ratio }) => ratio && ratio.plainBytes / ratio.storedBytes),
    cell: figure(({ ratio }) =>
      ratio === null ? <Unknown why="sizes of its files are not known yet" /> : <Ratio {...ratio} />,
    ),
  },
  {
    id: 'partition',
    header: 'Partition by',
    tableOnly: true,
    sortBy: byFigure(({ partitionedBy }) => partitionedBy),
    cell: figure(({ partitionedBy }) =>
      partitionedBy === '' ? (
        <span className={classes.secondary}>none</span>
      ) : (
        <code className={classes.secondary}>{partitionedBy}</code>
      ),
    ),
  },
  {
    id: 'rhythm',
    header: `Commits, ${RHYTHM_DAYS} d`,
    tableOnly: true,
    sortBy: byFigure(({ commitsByDay }) => sum(commitsByDay)),
    cell: figure(({ commitsByDay }) => (
      <Sparkline values={commitsByDay} label={`${counted(sum(commitsByDay), 'commit')} in ${RHYTHM_DAYS} days`} />
    )),
  },
  {
    id: 'commit',
    header: 'Last commit',
    align: 'end',
    sortBy: byFigure(({ lastCommitMs }) => lastCommitMs),
    cell: figure(({ lastCommitMs }) => (
      <span className={classes.secondary}>
        {lastCommitMs === null ? <Unknown why="nothing was committed yet" /> : <RelativeTime atMs={lastCommitMs} />}
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
