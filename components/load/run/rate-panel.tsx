'use client'
import { TimeLines } from '@/components/chart/time-lines'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import { toLoadCounts } from './load-progress'
import { type RateSample, toRates } from './rate-samples'
import type { TableLoad } from './table-load'

const TITLE = 'Rows per second'
const HEIGHT = 150
/** Fewer points do not make a line. */
const MIN_POINTS = 3

/** The rate while the page was open, or else its average. A load that has ended without a row has no panel. */
export function RatePanel({ run, samples }: { run: TableLoad; samples: readonly RateSample[] }) {
  const rates = toRates(samples)
  const { rowsRead } = toLoadCounts(run)
  const { durationMs, finishedAtMs } = run
  const average = durationMs === null || durationMs === 0 ? 0 : Math.round((rowsRead * 1000) / durationMs)
  if (rates.length < MIN_POINTS) {
    const sentence =
      average === 0 || durationMs === null
        ? 'No rows are counted yet.'
        : `${formatQuantity(average, 'row')}/s on average over ${formatDuration(durationMs)}.`
    if (finishedAtMs !== null && average === 0) return null
    return (
      <Panel title={TITLE}>
        <EmptyState>
          {sentence}
          {finishedAtMs === null && ' The rate is drawn while this page is open.'}
        </EmptyState>
      </Panel>
    )
  }
  return (
    <Panel title={TITLE} subtitle={average === 0 ? undefined : `${formatCount(average)} on average`}>
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
