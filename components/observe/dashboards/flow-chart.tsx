'use client'
import { useRouter } from 'next/navigation'
import { ChartPanel } from '@/components/chart/chart-panel'
import { StackedBars } from '@/components/chart/stacked-bars'
import { stackNumbers } from '@/components/chart/stack-numbers'
import type { Measure } from '@/components/chart/ticks'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { TimeSpan } from '@/lib/client/dashboards'
import type { Flow, IngestionSplit, Ingestion } from '@/lib/contract/dashboards'
import { paths } from '@/lib/paths/paths'
import type { ColouredSeries } from './use-coloured-series'

const HEIGHT = 210
const SUM_NAMES = { table: 'All tables', operation: 'All operations', writer: 'All writers' } as const

/** One measure of ingestion per time step, stacked by table, operation or writer. */
export function FlowChart({
  title,
  measure,
  metric,
  data,
  span,
  by,
  onSelect,
}: {
  title: string
  measure: Measure
  metric: keyof Flow
  data: Pick<Ingestion, 'buckets'> & { series: readonly ColouredSeries[] }
  span: TimeSpan
  by: IngestionSplit
  onSelect: (fromMs: number, toMs: number) => void
}) {
  const router = useRouter()
  const timeZone = useTimeZone()
  const { series, buckets } = data
  const stacks = buckets.map(({ startMs, values }) => ({ startMs, values: values.map((flow) => flow[metric]) }))
  const names = series.map(({ label }) => label)
  return (
    <ChartPanel
      title={title}
      height={HEIGHT}
      fileName={`ingestion-${metric}-by-${by}`}
      numbers={stackNumbers(names, measure, stacks, span.stepMs, timeZone)}
    >
      <StackedBars
        label={`${title} by ${by}`}
        series={series}
        stacks={stacks}
        stepMs={span.stepMs}
        measure={measure}
        sumName={SUM_NAMES[by]}
        height={HEIGHT}
        emptyText="No commits in this period. Choose a longer range."
        onSelect={onSelect}
        {...(by === 'table' && {
          onOpen: (stack, index) => {
            const table = series[index]?.table
            if (table) router.push(paths.table(table, 'snapshots', { atMs: stack.startMs + span.stepMs - 1 }))
          },
        })}
      />
    </ChartPanel>
  )
}
