'use client'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { ChartPanel } from '@/components/chart/chart-panel'
import { StackedBars } from '@/components/chart/stacked-bars'
import { Legend } from '@/components/chart/legend'
import { stackNumbers } from '@/components/chart/stack-numbers'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { RangeChoice } from '@/components/observe/dashboards/range-choice'
import { namedSeriesText, useColouredSeries } from '@/components/observe/dashboards/use-coloured-series'
import type { TimeSpanChoice } from '@/components/observe/dashboards/use-span'
import type { TimeSpan } from '@/lib/client/dashboards'
import type { Home } from '@/lib/contract/home'
import { formatQuantity } from '@/lib/format/count'
import { formatStep } from '@/lib/format/duration'
import { paths } from '@/lib/paths/paths'

const HEIGHT = 280

/** Rows or bytes that came in over time, by table. */
export function RowsChart({
  home: { series: uncoloured, buckets, unreadTableCount },
  span,
  timeSpan,
}: {
  home: Home
  /**
   * The range that `home` covers. It differs from the chosen one while that is being read, or when reading it failed.
   */
  span: TimeSpan
  timeSpan: TimeSpanChoice
}) {
  const router = useRouter()
  const timeZone = useTimeZone()
  const [metric, setMetric] = useState<'rows' | 'bytes'>('rows')
  const measure = metric === 'rows' ? 'count' : 'bytes'
  const series = useColouredSeries(uncoloured)
  const named = namedSeriesText(series, 'tables', 'rows or bytes')
  const unread =
    unreadTableCount > 0 ? `without ${formatQuantity(unreadTableCount, 'table')} that have not been read yet` : null
  const subtitle = [named, unread].filter((part) => part !== null).join(', ') || null
  const names = series.map(({ label }) => label)
  const stacks = buckets.map((bucket) => ({ startMs: bucket.startMs, values: bucket[metric] }))
  return (
    <ChartPanel
      title={`${metric === 'rows' ? 'Rows' : 'Bytes'} per ${formatStep(span.stepMs)} by table`}
      {...(subtitle !== null && { subtitle })}
      height={HEIGHT}
      fileName={`${metric}-added-by-table`}
      actions={
        <>
          <RangeChoice timeSpan={timeSpan} ranges={['1h', '24h', '7d', '30d']} />
          <SegmentedChoice
            label="Measure"
            value={metric}
            onChange={setMetric}
            options={[
              { value: 'rows', label: 'Rows' },
              { value: 'bytes', label: 'Bytes' },
            ]}
          />
        </>
      }
      legend={<Legend names={names} colours={series.map(({ colour }) => colour)} />}
      numbers={stackNumbers(names, measure, stacks, span.stepMs, timeZone)}
    >
      <StackedBars
        label={`${metric} added by table`}
        series={series}
        stacks={stacks}
        stepMs={span.stepMs}
        measure={measure}
        sumName="All tables"
        height={HEIGHT}
        emptyText="No data added in this period. Choose a longer range."
        onSelect={timeSpan.select}
        onOpen={(stack, index) => {
          const table = series[index]?.table
          if (table) router.push(paths.table(table, 'snapshots', { atMs: stack.startMs + span.stepMs - 1 }))
        }}
      />
    </ChartPanel>
  )
}
