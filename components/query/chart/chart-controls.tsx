'use client'
import { MultiSelect, Select } from '@mantine/core'
import { AGGREGATIONS, type Aggregation, CHART_KINDS, type ChartKind, MAX_SERIES } from '@/lib/query/result-display'
import { type ChartChoice, chartColumns, defaultAggregation, defaultChoice, isPossible } from './chart-choice'
import { type ChartSource, columnLabels } from './chart-source'
import classes from './result-chart.module.css'

const KIND_LABELS: Readonly<Record<ChartKind, string>> = {
  line: 'Line',
  bar: 'Bars',
  scatter: 'Scatter',
  histogram: 'Histogram',
}
const AGGREGATION_LABELS: Readonly<Record<Aggregation, string>> = {
  sum: 'Sum',
  mean: 'Mean',
  min: 'Minimum',
  max: 'Maximum',
  count: 'Count',
}
const NO_SERIES = 'none'

/** The kind of a chart and its columns. */
export function ChartControls({
  choice,
  source,
  isAggregated,
  onChange,
}: {
  choice: ChartChoice
  source: ChartSource
  /** Several rows have the same value of X. */
  isAggregated: boolean
  onChange: (choice: ChartChoice) => void
}) {
  const { columns } = source
  const { kind, x, y, series, aggregation } = choice
  const kinds = CHART_KINDS.filter((each) => isPossible(each, columns))
  const possible = chartColumns(kind, columns)
  const labels = columnLabels(columns)
  const options = (indices: readonly number[]) =>
    indices.map((index) => ({ value: String(index), label: labels[index] ?? '' }))
  const chooseMeasures = (chosen: readonly string[]) => {
    const next = chosen.map(Number)
    // A chart without a measure would be empty.
    if (next.length === 0) return
    const isUsual = aggregation === defaultAggregation(y, columns)
    onChange({
      ...choice,
      y: next,
      series: series !== null && next.includes(series) ? null : series,
      aggregation: isUsual ? defaultAggregation(next, columns) : aggregation,
    })
  }
  const common = { allowDeselect: false, className: classes.select ?? '' }
  return (
    <>
      <Select
        aria-label="Kind of chart"
        data={kinds.map((each) => ({ value: each, label: KIND_LABELS[each] }))}
        value={kind}
        onChange={(next) => onChange(defaultChoice(next ?? kind, source) ?? choice)}
        {...common}
      />
      <div className={classes.field}>
        <span aria-hidden>{kind === 'histogram' ? 'of' : 'x'}</span>
        <Select
          aria-label={kind === 'histogram' ? 'Column' : 'Horizontal axis'}
          data={options(possible.x)}
          value={String(x)}
          onChange={(next) => onChange({ ...choice, x: Number(next), series: series === Number(next) ? null : series })}
          {...common}
        />
      </div>
      {kind !== 'histogram' && (
        <>
          <div className={classes.field}>
            <span aria-hidden>y</span>
            <MultiSelect
              aria-label="Vertical axis"
              data={options(possible.y)}
              value={y.map(String)}
              maxValues={MAX_SERIES}
              onChange={chooseMeasures}
              className={classes.measures ?? ''}
            />
          </div>
          <div className={classes.field}>
            <span aria-hidden>series</span>
            <Select
              aria-label="Series"
              data={[
                { value: NO_SERIES, label: 'none' },
                ...options(possible.series.filter((index) => index !== x && !y.includes(index))),
              ]}
              value={series === null ? NO_SERIES : String(series)}
              onChange={(next) => onChange({ ...choice, series: next === NO_SERIES ? null : Number(next) })}
              {...common}
            />
          </div>
        </>
      )}
      {isAggregated && (
        <div className={classes.field}>
          <span aria-hidden>where x repeats</span>
          <Select
            aria-label="Rows with the same X"
            data={AGGREGATIONS.map((value) => ({ value, label: AGGREGATION_LABELS[value] }))}
            value={aggregation}
            onChange={(next) => onChange({ ...choice, aggregation: next ?? aggregation })}
            {...common}
          />
        </div>
      )}
    </>
  )
}
