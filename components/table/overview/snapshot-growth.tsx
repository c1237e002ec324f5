'use client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { ChartPanel } from '@/components/chart/chart-panel'
import { Legend } from '@/components/chart/legend'
import { StackedBars } from '@/components/chart/stacked-bars'
import { TimeLines } from '@/components/chart/time-lines'
import { Unloaded } from '@/components/shell/unloaded'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { snapshotsQuery } from '@/lib/client/table/snapshots'
import type { Snapshot } from '@/lib/contract/table/snapshots'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatDate, formatExactTime } from '@/lib/format/time'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { commitStacks } from './commit-stacks'
import classes from './table-overview.module.css'

const TITLE = 'Size and rows'
const STORED_HEIGHT = 124
const ROWS_HEIGHT = 108
const COMMITS_HEIGHT = 92
/** With the heading of each lane. */
const CHART_HEIGHT = STORED_HEIGHT + ROWS_HEIGHT + COMMITS_HEIGHT + 3 * 19

/**
 * Live bytes, rows and commits up to a snapshot, on one axis, by the summaries of the snapshots before it. A total that
 * a summary does not have is a gap. The lines are steps, because a table only changes with a commit.
 *
 * @param props.upTo the snapshot of the shown state, with which the lines end
 */
export function SnapshotGrowth({ table, upTo }: { table: TableIdentifier; upTo: string }) {
  const query = useInfiniteQuery(snapshotsQuery(table, { upTo }))
  if (!query.isSuccess)
    return (
      <Panel title={TITLE}>
        <div style={query.error === null ? { minHeight: CHART_HEIGHT } : undefined}>
          <Unloaded query={query} subject={table.table} skeleton={[6, 3, 'Reading snapshots']} />
        </div>
      </Panel>
    )
  const snapshots = query.data.snapshots.toSorted((a, b) => a.committedAtMs - b.committedAtMs)
  if (snapshots.length < 2)
    return (
      <Panel title={TITLE}>
        <EmptyState>
          {snapshots.length === 0 ? 'No commits yet.' : 'One snapshot. The chart begins with the second one.'}
        </EmptyState>
      </Panel>
    )
  return (
    <Growth table={table} snapshots={snapshots} isComplete={query.data.snapshots.length === query.data.totalCount} />
  )
}

/** @param props.snapshots the oldest first */
function Growth({
  table,
  snapshots,
  isComplete,
}: {
  table: TableIdentifier
  snapshots: readonly Snapshot[]
  /** Whether the table has no older snapshots than these. */
  isComplete: boolean
}) {
  const timeZone = useTimeZone()
  const points = snapshots.map(({ committedAtMs, summary }) => ({
    atMs: committedAtMs,
    bytes: totalOf(summary, 'total-files-size'),
    rows: totalOf(summary, 'total-records'),
  }))
  const commits = commitStacks(snapshots, points.at(-1)?.atMs ?? 0)
  const unknownCount = points.filter(({ bytes, rows }) => bytes === null || rows === null).length
  const since = formatDate(points[0]?.atMs ?? 0, timeZone)
  const notes = [
    ...(unknownCount > 0
      ? [`${formatCount(unknownCount)} of ${formatQuantity(points.length, 'snapshot')} do not say their totals.`]
      : []),
    ...(isComplete && snapshots[0]?.parentSnapshotId !== null ? ['Older snapshots have expired.'] : []),
  ]
  const emptyText = 'The summaries of these snapshots have no totals.'
  return (
    <ChartPanel
      title={TITLE}
      subtitle={`${isComplete ? '' : 'newest '}${formatQuantity(points.length, 'snapshot')} since ${since}`}
      height={STORED_HEIGHT + ROWS_HEIGHT + COMMITS_HEIGHT}
      fileName={`${table.table}-size-and-rows`}
      numbers={{
        rowHeader: 'Committed',
        columns: [
          { name: 'Live bytes', measure: 'bytes' },
          { name: 'Rows in data files', measure: 'count' },
        ],
        rows: points.map(({ atMs, bytes, rows }) => ({
          text: formatExactTime(atMs, timeZone),
          csv: new Date(atMs).toISOString(),
          values: [bytes, rows],
        })),
      }}
    >
      <h3 className={classes.lane}>Live bytes</h3>
      <TimeLines
        label="Live bytes over time"
        names={['live bytes']}
        colours={['var(--c1)']}
        points={points.map(({ atMs, bytes }) => ({ atMs, values: [bytes] }))}
        isStepped
        measure="bytes"
        height={STORED_HEIGHT}
        emptyText={emptyText}
      />
      <h3 className={classes.lane}>Rows in data files</h3>
      <TimeLines
        label="Rows in data files over time"
        names={['rows']}
        colours={['var(--c1)']}
        points={points.map(({ atMs, rows }) => ({ atMs, values: [rows] }))}
        isStepped
        measure="count"
        height={ROWS_HEIGHT}
        emptyText={emptyText}
      />
      <div className={classes.laneHead}>
        <h3 className={classes.lane}>Commits</h3>
        <Legend names={commits.series.map(({ label }) => label)} colours={commits.series.map(({ colour }) => colour)} />
      </div>
      {/* The lines have room for their last value at the right. */}
      <div className={classes.commitBars}>
        <StackedBars
          label="Commits over time"
          {...commits}
          hasUnevenSteps
          measure="count"
          sumName="All commits"
          height={COMMITS_HEIGHT}
          emptyText=""
        />
      </div>
      {notes.length > 0 && <p className={classes.note}>{notes.join(' ')}</p>}
    </ChartPanel>
  )
}

/** Null if the writer did not count, or not with a number that can be drawn. */
function totalOf(summary: Snapshot['summary'], key: string): number | null {
  const text = summary[key] ?? ''
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(value) ? value : null
}
