'use client'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { useRouter } from 'next/navigation'
import { ChartPanel } from '@/components/chart/chart-panel'
import { EquationBars, type Gap } from '@/components/chart/equation-bars'
import { Legend } from '@/components/chart/legend'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { Ingestion, IngestionMeasure, IngestionSplit, IngestionStep } from '@/lib/contract/dashboards'
import { paths } from '@/lib/paths/paths'
import type { ColouredSeries } from '../use-coloured-series'
import { amountFormat } from './amount-format'
import { chartNumbers } from './chart-numbers'
import { toEventLines } from './event-lines'
import { measuresOf, splitsOf } from './partition-choice'
import { COLOURS, legendOf, lanesOf, seriesOfPiece, toBars } from './to-bars'

const LazyChartTooltip = lazyComponent(async () => (await import('./chart-tooltip')).ChartTooltip)

const HEIGHT = 330
export const SCALES = ['linear', 'log'] as const
type Scale = (typeof SCALES)[number]

const MEASURE_NAMES = { rows: 'Rows', bytes: 'Bytes', files: 'Files', commits: 'Commits' } as const
const SPLIT_NAMES = { writer: 'Writer', table: 'Table', operation: 'Operation', partition: 'Partition' } as const
const SCALE_NAMES = { linear: 'Linear', log: 'Log' } as const
const STEP_NAMES = { hour: 'an hour', day: 'a day', week: 'a week' } as const

export type ChartChoice = {
  measure: IngestionMeasure
  by: IngestionSplit
  scale: Scale
  /** Parts of the chart that are not drawn. */
  hidden: readonly string[]
  choose: (
    choice: Partial<{ measure: IngestionMeasure; by: IngestionSplit; scale: Scale; hidden: readonly string[] }>,
  ) => void
}

/** The rows that came in by series, above those that were removed and taken back, in each step of the period. */
export function IngestionChart({
  data,
  series,
  shown: { measure, by, step },
  choice,
  onSelect,
}: {
  data: Ingestion
  series: readonly ColouredSeries[]
  /** The choice that the data covers. */
  shown: { measure: IngestionMeasure; by: IngestionSplit; step: IngestionStep }
  choice: ChartChoice
  onSelect: (fromMs: number, toMs: number) => void
}) {
  const router = useRouter()
  const timeZone = useTimeZone()
  const format = amountFormat(measure)
  const hidden = new Set(choice.hidden)
  const bars = toBars(data, series, { format, step, timeZone, hidden })
  const lanes = lanesOf(data)
  const { keys, ...legend } = legendOf(data, series)
  const title = `${MEASURE_NAMES[measure]} ${STEP_NAMES[step]}`
  const open = (atMs: number, pieceKey: string) => {
    const table = seriesOfPiece(series, pieceKey)?.table
    if (table) router.push(paths.table(table, 'snapshots', { atMs }))
  }
  return (
    <ChartPanel
      title={title}
      {...(data.grain === 'day' && { subtitle: 'days in UTC' })}
      height={HEIGHT}
      fileName={`ingestion-${measure}-by-${by}`}
      numbers={chartNumbers(data, series, { format, step, timeZone })}
      actions={
        <>
          <SegmentedChoice
            label="Measure"
            value={choice.measure}
            onChange={(chosen) => choice.choose({ measure: chosen })}
            options={measuresOf(choice.by).map((value) => ({ value, label: MEASURE_NAMES[value] }))}
          />
          <SegmentedChoice
            label="Split by"
            value={choice.by}
            onChange={(chosen) => choice.choose({ by: chosen, hidden: [] })}
            options={splitsOf(choice.by, data.hasPartitions).map((value) => ({ value, label: SPLIT_NAMES[value] }))}
          />
          <SegmentedChoice
            label="Scale"
            value={choice.scale}
            onChange={(chosen) => choice.choose({ scale: chosen })}
            options={SCALES.map((value) => ({ value, label: SCALE_NAMES[value] }))}
          />
        </>
      }
      legend={<Legend {...legend} choice={{ keys, hidden, hide: (chosen) => choice.choose({ hidden: chosen }) }} />}
    >
      <EquationBars
        label={`${title} by ${by}`}
        bars={bars}
        lanes={lanes.map(({ term, name }) => ({
          name,
          colour: COLOURS.moved,
          values: data.buckets.map(({ terms }) => terms[term]),
        }))}
        lines={toEventLines(data)}
        gaps={toGaps(data)}
        measure={format.measure}
        isLog={choice.scale === 'log'}
        height={HEIGHT}
        emptyText={
          data.tableCount === 0
            ? 'No table in this part of the lake.'
            : 'Nothing came in, and nothing was removed. Choose a longer range.'
        }
        onSelect={onSelect}
        {...(by === 'table' && { onOpen: (bar, key) => open(bar.endMs - 1, key) })}
        tooltip={(index) => <LazyChartTooltip data={data} series={series} index={index} step={step} format={format} />}
      />
    </ChartPanel>
  )
}

/** Since when the figures of a catalog are not complete; null: its tables have never all been read. */
function toGaps({ behind, readAtMs, span }: Pick<Ingestion, 'behind' | 'readAtMs' | 'span'>): Gap[] {
  return behind.flatMap(({ catalog, reason, completeAtMs }) =>
    // More tables than are read have no time.
    reason === 'truncated'
      ? []
      : [{ fromMs: completeAtMs ?? span.fromMs, toMs: readAtMs, text: `${catalog}: not all of its tables were read` }],
  )
}
