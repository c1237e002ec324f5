'use client'
import { TimeLines } from '@/components/chart/time-lines'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { formatCount } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import { toLoadCounts } from './load-progress'
import { type RateSample, toRates } from './rate-samples'
import type { TableLoad } from './table-load'

const TITLE = 'Rows per second'
const HEIGHT = 150
/** Fewer points do not make a line. */
const MIN_POINTS = 3

/** The rate while the page was open; otherwise its mean. */
export function RatePanel({ run, samples }: { run: TableLoad; samples: readonly RateSample[] }) {
  const rates = toRates(samples)
  const { rowsRead } = toLoadCounts(run)
  const { durationMs } = run
  const mean = durationMs === null || durationMs === 0 ? null : Math.round((rowsRead * 1000) / durationMs)
  if (rates.length < MIN_POINTS)
    return (
      <Panel title={TITLE}>
        <EmptyState>
          {mean === null || mean === 0 || durationMs === null
            ? 'No rows are counted yet.'
            : `${formatCount(mean)} rows/s in the mean of ${formatDuration(durationMs)}.`}{' '}
          The rate is drawn while this page is open during the load.
        </EmptyState>
      </Panel>
    )
  return (
    <Panel title={TITLE} subtitle={mean === null ? undefined : `mean ${formatCount(mean)} over the whole load`}>
      <TimeLines
        label="Rows per second over time"
        names={['rows/s']}
        colours={['var(--c1)']}
        points={rates.map(({ atMs, rowsPerSecond }) => ({ atMs, values: [Math.round(rowsPerSecond)] }))}
        measure="count"
        height={HEIGHT}
        emptyText="No rows were read."
      />
    </Panel>
  )
}
