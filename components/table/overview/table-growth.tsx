'use client'
import type { ReactNode } from 'react'
import { useQuery } from '@tanstack/react-query'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { CatalogsBehind } from '@/components/about/catalogs-behind'
import { ChartPanel } from '@/components/chart/chart-panel'
import { Legend } from '@/components/chart/legend'
import { StackedBars } from '@/components/chart/stacked-bars'
import { TimeLines } from '@/components/chart/time-lines'
import { Unloaded } from '@/components/shell/unloaded'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { WriteActions } from '@/components/table/frame/write-actions'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { DEFAULT_GROWTH_RANGE, tableGrowthQuery } from '@/lib/client/dashboards'
import type { TableGrowth as Growth } from '@/lib/contract/facts/growth'
import { GROWTH_RANGES } from '@/lib/contract/shapes/plain-values'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatDate, formatExactTime } from '@/lib/format/time'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { operationColour } from './commit-stacks'
import { growthMarks } from './growth-marks'
import classes from './table-overview.module.css'

const TITLE = 'Size and rows'
const STORED_HEIGHT = 124
const ROWS_HEIGHT = 108
const COMMITS_HEIGHT = 92
/** With the heading of each lane. */
const CHART_HEIGHT = STORED_HEIGHT + ROWS_HEIGHT + COMMITS_HEIGHT + 3 * 19

const RANGE_OPTIONS = [
  { value: '7d', label: '7 d' },
  { value: '30d', label: '30 d' },
  { value: '1y', label: '1 y' },
] as const satisfies readonly { value: (typeof GROWTH_RANGES)[number]; label: string }[]

/**
 * Live bytes, rows and commits of `main` over time, on one axis, from the history that the server collects: snapshots
 * that have expired, or were rolled back, are in it.
 *
 * @param props.isEmpty whether the table has no rows now: the lanes show since when
 */
export function TableGrowth({ table, isEmpty }: { table: TableIdentifier; isEmpty: boolean }) {
  const [range, setRange] = useQueryState(
    'growth',
    parseAsStringLiteral(GROWTH_RANGES).withDefault(DEFAULT_GROWTH_RANGE),
  )
  const query = useQuery(tableGrowthQuery(table, range))
  const choice = (
    <SegmentedChoice label="Range" value={range} options={RANGE_OPTIONS} onChange={(chosen) => void setRange(chosen)} />
  )
  if (query.data === undefined || query.data.periods.length === 0)
    return (
      <Panel title={TITLE} actions={choice}>
        {query.data === undefined ? (
          <div style={query.error === null ? { minHeight: CHART_HEIGHT } : undefined}>
            <Unloaded query={query} subject={table.table} skeleton={[6, 3, 'Reading the history']} />
          </div>
        ) : (
          <EmptyState {...(isEmpty && { action: <WriteActions table={table} /> })}>
            {query.data.history === null
              ? 'The history of this table has not been read yet. It appears here when a worker has read the table.'
              : 'No commits yet.'}
          </EmptyState>
        )}
      </Panel>
    )
  return <GrowthLanes table={table} growth={query.data} actions={choice} isEmpty={isEmpty} />
}

function GrowthLanes({
  table,
  growth,
  actions,
  isEmpty,
}: {
  table: TableIdentifier
  growth: Growth
  actions: ReactNode
  isEmpty: boolean
}) {
  const timeZone = useTimeZone()
  const { periods, operations, periodMs, start } = growth
  const points = [
    { atMs: periods[0]?.startMs ?? 0, ...start },
    ...periods.map(({ endMs, rows, bytes, files }) => ({ atMs: endMs, rows, bytes, files })),
  ]
  const marks = growthMarks(growth.events)
  const series = operations.map((key) => ({ key, label: key, colour: operationColour(key) }))
  const commitCount = periods.reduce((sum, { commits }) => sum + commits.reduce((a, b) => a + b, 0), 0)
  return (
    <ChartPanel
      title={TITLE}
      subtitle={`${formatQuantity(commitCount, 'commit')} to main since ${formatDate(points[0]?.atMs ?? 0, timeZone)}`}
      actions={actions}
      height={STORED_HEIGHT + ROWS_HEIGHT + COMMITS_HEIGHT}
      fileName={`${table.table}-size-and-rows`}
      numbers={{
        rowHeader: 'Until',
        columns: [
          { name: 'Live bytes', measure: 'bytes' },
          { name: 'Rows in data files', measure: 'count' },
          { name: 'Data files', measure: 'count' },
          { name: 'Commits', measure: 'count' },
        ],
        rows: periods.map(({ endMs, rows, bytes, files, commits }) => ({
          text: formatExactTime(endMs, timeZone),
          csv: new Date(endMs).toISOString(),
          values: [bytes, rows, files, commits.reduce((a, b) => a + b, 0)],
        })),
      }}
    >
      <CatalogsBehind behind={growth.behind} />
      {isEmpty && (
        <div className={classes.emptied}>
          <span className="secondary">The table has no rows now.</span>
          <WriteActions table={table} />
        </div>
      )}
      <h3 className={classes.lane}>Live bytes</h3>
      <TimeLines
        label="Live bytes over time"
        names={['live bytes']}
        colours={['var(--c1)']}
        points={points.map(({ atMs, bytes }) => ({ atMs, values: [bytes] }))}
        marks={marks}
        measure="bytes"
        height={STORED_HEIGHT}
        emptyText=""
      />
      <h3 className={classes.lane}>Rows in data files</h3>
      <TimeLines
        label="Rows in data files over time"
        names={['rows']}
        colours={['var(--c1)']}
        points={points.map(({ atMs, rows }) => ({ atMs, values: [rows] }))}
        marks={marks}
        hasMarkTexts={false}
        measure="count"
        height={ROWS_HEIGHT}
        emptyText=""
      />
      <div className={classes.laneHead}>
        <h3 className={classes.lane}>Commits</h3>
        <Legend names={series.map(({ label }) => label)} colours={series.map(({ colour }) => colour)} />
      </div>
      {/* The lines have room for their last value at the right. */}
      <div className={classes.commitBars}>
        <StackedBars
          label="Commits over time"
          series={series}
          stacks={periods.map(({ startMs, commits }) => ({ startMs, values: commits }))}
          stepMs={periodMs}
          hasUnevenSteps
          measure="count"
          sumName="All commits"
          height={COMMITS_HEIGHT}
          emptyText="No commits in this time."
        />
      </div>
      {growth.notReadRows !== 0 && (
        <p className={classes.note}>
          {`${formatCount(growth.notReadRows)} rows, net, are known from totals only: their snapshots had expired, or do not count.`}
        </p>
      )}
    </ChartPanel>
  )
}
