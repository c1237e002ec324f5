'use client'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { ChartPanel } from '@/components/chart/chart-panel'
import { LazyStackedBars } from '@/components/chart/lazy'
import { Legend, seriesColours } from '@/components/chart/legend'
import { stackNumbers } from '@/components/chart/stack-numbers'
import { SegmentedChoice } from '@/components/ui/segmented-choice'
import type { Span } from '@/lib/client/dashboards'
import type { Home } from '@/lib/contract/home'
import { formatStep } from '@/lib/format/duration'
import { paths } from '@/lib/paths'

const HEIGHT = 280

/** What comes in, by table, so that a gap has a name. */
export function RowsChart({
  home: { series, buckets },
  span,
  onSelect,
}: {
  home: Home
  span: Span
  onSelect: (fromMs: number, toMs: number) => void
}) {
  const router = useRouter()
  const [what, setWhat] = useState<'rows' | 'bytes'>('rows')
  const measure = what === 'rows' ? 'count' : 'bytes'
  const names = series.map(({ label }) => label)
  const stacks = buckets.map((bucket) => ({ startMs: bucket.startMs, values: bucket[what] }))
  return (
    <ChartPanel
      title={`${what === 'rows' ? 'Rows' : 'Bytes'} per ${formatStep(span.stepMs)} by table`}
      height={HEIGHT}
      fileName={`${what}-added-by-table`}
      actions={
        <>
          <Legend names={names} colours={seriesColours(series.map(({ key }) => key))} />
          <SegmentedChoice
            label="What is drawn"
            value={what}
            onChange={setWhat}
            options={[
              { value: 'rows', label: 'Rows' },
              { value: 'bytes', label: 'Bytes' },
            ]}
          />
        </>
      }
      numbers={stackNumbers(names, measure, stacks, span.stepMs)}
    >
      <LazyStackedBars
        label={`${what} added by table`}
        series={series}
        stacks={stacks}
        stepMs={span.stepMs}
        measure={measure}
        sumName="All tables"
        height={HEIGHT}
        nothing="Nothing was added in this time. Choose a longer range."
        onSelect={onSelect}
        onOpen={(stack, index) => {
          const place = series[index]?.place
          if (place) router.push(paths.table(place, 'snapshots', { atMs: stack.startMs + span.stepMs - 1 }))
        }}
      />
    </ChartPanel>
  )
}
