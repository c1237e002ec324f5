'use client'
import { Button } from '@mantine/core'
import { IconAlertOctagon, IconAlertTriangle, IconCheck, IconCircleDashed } from '@tabler/icons-react'
import Link from 'next/link'
import { TableLink, tableLabel } from '@/components/about/table-link'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { Unknown } from '@/components/ui/values/unknown'
import type { TableFreshness } from '@/lib/contract/home'
import { MIN_LOADS_TO_JUDGE } from '@/lib/facts/rhythm'
import { formatQuantity, formatCount } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import { paths } from '@/lib/paths/paths'
import { catalogColumns } from './catalog-columns'
import classes from './home.module.css'

/** Time since the last commit from which a table is late or very late, in multiples of its usual interval. */
const LATENESS_LIMITS = { warning: 2, severe: 4 } as const
/** Length of the track in usual intervals; its tick is at one. */
const TRACK_RHYTHMS = 3

type FreshnessRow = TableFreshness & { lateness: number | null }

/**
 * Tables by their delay relative to their usual commit interval, the latest first. A table without a usual interval has
 * no delay.
 */
export function Freshness({
  freshness,
  tableCount,
  nowMs,
}: {
  freshness: readonly TableFreshness[]
  tableCount: number
  nowMs: number
}) {
  const rows = freshness.map((table) => ({
    ...table,
    lateness: table.medianIntervalMs === null ? null : (nowMs - table.lastCommitMs) / table.medianIntervalMs,
  }))
  // A young lake says once that it has no rhythm to judge by yet, instead of a dash in every row.
  const isJudged = rows.some(({ medianIntervalMs }) => medianIntervalMs !== null)
  return (
    <Panel
      title="Freshness"
      subtitle={
        isJudged
          ? 'vs. usual commit interval'
          : `delay appears after ${MIN_LOADS_TO_JUDGE} commits a minute or more apart`
      }
      actions={
        rows.length < tableCount && (
          <span className="quiet">
            {formatCount(rows.length)} of {formatQuantity(tableCount, 'table')}
          </span>
        )
      }
      flush
    >
      {rows.length === 0 ? (
        <EmptyState
          action={
            <Button component={Link} href={paths.load()} variant="default">
              Load data
            </Button>
          }
        >
          No commits yet.
        </EmptyState>
      ) : (
        <div className={classes.list}>
          <DataTable
            label="Freshness"
            columns={[
              isJudged ? JUDGED_TABLE_COLUMN : TABLE_COLUMN,
              ...catalogColumns(rows, ({ table }) => table.catalog),
              LAST_COMMIT_COLUMN,
              ...(isJudged ? JUDGEMENT_COLUMNS : []),
            ]}
            rows={rows}
            rowKey={({ table }) => `${table.catalog} ${tableLabel(table)}`}
          />
          {isJudged && rows.some(({ medianIntervalMs }) => medianIntervalMs === null) && (
            <p className={classes.note}>
              Delay is shown once a table has {MIN_LOADS_TO_JUDGE} commits at least a minute apart.
            </p>
          )}
        </div>
      )}
    </Panel>
  )
}

const TABLE_COLUMN: Column<FreshnessRow> = {
  id: 'table',
  header: 'Table',
  fills: true,
  sortBy: ({ table }) => tableLabel(table),
  cell: ({ table }) => (
    <span className={classes.judged}>
      <TableLink table={table} tab="snapshots" isFitted />
    </span>
  ),
}

const JUDGED_TABLE_COLUMN: Column<FreshnessRow> = {
  ...TABLE_COLUMN,
  cell: ({ table, lateness }) => (
    <span className={classes.judged}>
      <LatenessIcon lateness={lateness} />
      <TableLink table={table} tab="snapshots" isFitted />
    </span>
  ),
}

const LAST_COMMIT_COLUMN: Column<FreshnessRow> = {
  id: 'last',
  header: 'Last commit',
  align: 'end',
  sortBy: ({ lastCommitMs }) => lastCommitMs,
  cell: ({ lastCommitMs }) => <RelativeTime atMs={lastCommitMs} />,
}

const JUDGEMENT_COLUMNS: readonly Column<FreshnessRow>[] = [
  {
    id: 'rhythm',
    header: 'Usual interval',
    wideOnly: true,
    headerTitle: 'median time between the latest loads',
    align: 'end',
    sortBy: ({ medianIntervalMs }) => medianIntervalMs,
    cell: ({ medianIntervalMs }) =>
      medianIntervalMs === null ? (
        <Unknown reason="too few loads to know the usual interval" />
      ) : (
        <span className="secondary">every {formatDuration(medianIntervalMs)}</span>
      ),
  },
  {
    id: 'lateness',
    header: 'Delay',
    sortBy: ({ lateness }) => lateness,
    cell: ({ lateness }) =>
      lateness === null ? <Unknown reason="the usual interval is unknown" /> : <LatenessBar lateness={lateness} />,
  },
]

function LatenessIcon({ lateness }: { lateness: number | null }) {
  if (lateness === null)
    return <IconCircleDashed size={14} stroke={1.6} className="quiet" aria-label="usual interval unknown" />
  if (lateness >= LATENESS_LIMITS.severe)
    return <IconAlertOctagon size={14} stroke={1.6} className="removed" aria-label="very late" />
  if (lateness >= LATENESS_LIMITS.warning)
    return <IconAlertTriangle size={14} stroke={1.6} className="warn" aria-label="late" />
  return <IconCheck size={14} stroke={1.6} className="quiet" aria-label="on time" />
}

function LatenessBar({ lateness }: { lateness: number }) {
  const label = `${lateness.toFixed(1)} × its usual interval since the last commit`
  const tone =
    lateness >= LATENESS_LIMITS.severe
      ? 'var(--removed)'
      : lateness >= LATENESS_LIMITS.warning
        ? 'var(--warn)'
        : 'var(--ref)'
  return (
    <span className={classes.track} role="img" aria-label={label} title={label}>
      <span style={{ width: `${(Math.min(lateness, TRACK_RHYTHMS) / TRACK_RHYTHMS) * 100}%`, background: tone }} />
      <i style={{ left: `${100 / TRACK_RHYTHMS}%` }} />
    </span>
  )
}
