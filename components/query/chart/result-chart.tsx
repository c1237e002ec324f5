'use client'
import { ActionIcon } from '@mantine/core'
import { IconChartBar, IconTable } from '@tabler/icons-react'
import { type KeyboardEvent, useMemo, useState } from 'react'
import chartClasses from '@/components/chart/chart.module.css'
import { Legend } from '@/components/chart/legend'
import { chooseColours, colourVariable } from '@/components/chart/series-colours'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { DataTable } from '@/components/ui/table/data-table'
import { formatQuantity } from '@/lib/format/count'
import type { NamedChart } from '@/lib/query/result-display'
import { bestChoice, type ChartChoice, nameChart, resolveChart } from './chart-choice'
import { ChartControls } from './chart-controls'
import { chartData } from './chart-data'
import { chartNotes, measureName } from './chart-notes'
import { type ChartData, type ChartPoint, type ChartSource, columnLabels } from './chart-source'
import classes from './result-chart.module.css'
import { ResultPlot } from './result-plot'

const HEIGHT_PX = 300
/** One stop of the keyboard, which handles the arrow keys itself. */
const KEYBOARD_STOP = { tabIndex: 0 }

/** A result as a chart. The chosen point is the chosen row of the grid. */
export function ResultChart({
  source,
  chart,
  onChange,
  selectedRow,
  onSelect,
}: {
  source: ChartSource
  /** The choice of the user; null for the usual chart of the result, as when the result lacks its columns. */
  chart: NamedChart | null
  onChange: (chart: NamedChart) => void
  /** Row of the result, from 0. */
  selectedRow: number | null
  onSelect: (row: number) => void
}) {
  const { columns } = source
  const [isTable, setIsTable] = useState(false)
  const choice = useMemo(() => (chart && resolveChart(chart, columns)) ?? bestChoice(source), [chart, source, columns])
  const data = useMemo(() => choice && chartData(choice, source), [choice, source])
  const colours = useSeriesColours(data?.series.map(({ key }) => key) ?? [])
  if (choice === null || data === null)
    return (
      <div className={classes.chart}>
        <EmptyState>A chart needs a column of numbers. Select one, for example count(*).</EmptyState>
      </div>
    )
  const xName = columnLabels(columns)[choice.x] ?? ''
  const yName = measureName(choice, data, source)
  const title = `${yName} by ${xName}`
  const ToggleIcon = isTable ? IconChartBar : IconTable
  const toggleLabel = isTable ? 'Show as chart' : 'Show as table'
  const legend = <Legend names={data.series.map(({ label }) => label)} colours={colours} />
  return (
    <div className={classes.chart}>
      <div className="row wrap gap-6 rigid">
        <ChartControls
          choice={choice}
          source={source}
          isAggregated={data.maxRowsPerPoint > 1}
          onChange={(next) => onChange(nameChart(next, columns))}
        />
        <Tooltip label={toggleLabel}>
          <ActionIcon aria-label={`${toggleLabel}: chart`} aria-pressed={isTable} onClick={() => setIsTable(!isTable)}>
            <ToggleIcon size={16} stroke={1.6} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </div>
      <p className={classes.bound}>
        {chartNotes(choice, data, source).map((note, index) => (
          <span key={note}>{index === 0 ? note : ` · ${note}`}</span>
        ))}
      </p>
      {isTable ? (
        <PointTable data={data} title={title} xName={xName} yName={yName} />
      ) : (
        <>
          {/* Lines are named at their ends. */}
          {data.series.length > 1 && choice.kind !== 'line' && <div className={classes.legend}>{legend}</div>}
          <PlotWithKeys
            key={JSON.stringify(choice)}
            choice={choice}
            data={data}
            colours={colours}
            source={source}
            names={{ x: xName, y: yName }}
            selectedRow={selectedRow}
            onSelect={onSelect}
          />
        </>
      )}
    </div>
  )
}

/** Colours that series keep while the chart is shown, also when a run adds or removes some. */
function useSeriesColours(keys: readonly string[]): string[] {
  const [known, setKnown] = useState<ReadonlyMap<string, number>>(new Map())
  const chosen = chooseColours(keys, known)
  const added = [...chosen].filter(([key]) => !known.has(key))
  if (added.length > 0) setKnown(new Map([...known, ...added]))
  // A series alone is the first colour.
  return keys.map((key) => colourVariable(keys.length === 1 ? 0 : (chosen.get(key) ?? 0)))
}

/**
 * The plot is one stop of the keyboard: left and right move along the points of a series, up and down between the
 * series, and Enter chooses the row of a point.
 */
function PlotWithKeys({
  choice,
  data,
  colours,
  source,
  names,
  selectedRow,
  onSelect,
}: {
  choice: ChartChoice
  data: ChartData
  colours: readonly string[]
  source: ChartSource
  names: { x: string; y: string }
  selectedRow: number | null
  onSelect: (row: number) => void
}) {
  const { points } = data
  const [active, setActive] = useState<number | null>(null)
  const selected = selectedRow === null ? -1 : points.findIndex(({ row }) => row === selectedRow)
  const marked = active ?? (selected < 0 ? null : selected)
  const point = marked === null ? undefined : points[marked]
  if (points.length === 0) return <EmptyState>{`No row has a number in both ${names.x} and ${names.y}.`}</EmptyState>
  const select = (index: number) => {
    const row = points[index]?.row
    setActive(row === null ? index : null)
    if (row !== null && row !== undefined) onSelect(row)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const next = pointAfter(event.key, data, marked)
    if (next !== null) {
      event.preventDefault()
      setActive(next)
    } else if (event.key === 'Enter' && marked !== null) {
      event.preventDefault()
      select(marked)
    }
  }
  const type = source.columns[choice.x]?.type
  const isTime = typeof type === 'string' && type.startsWith('timestamp')
  const series = data.series.length > 1 ? ` in ${formatQuantity(data.series.length, 'series', 'series')}` : ''
  return (
    <>
      <p role="status" className={classes.readout}>
        {point ? (
          <>
            <span>{data.xs[point.position]?.text}</span>{' '}
            {data.series.length > 1 ? `${data.series[point.series]?.label} ` : ''}
            {choice.y.length > 1 ? '' : `${names.y} `}
            <b>{point.yText}</b>
          </>
        ) : (
          '\u00a0'
        )}
      </p>
      <div
        {...KEYBOARD_STOP}
        role="application"
        aria-roledescription="chart"
        aria-label={`${names.y} by ${names.x}${series}, ${formatQuantity(points.length, 'point')}`}
        title="Arrow keys move along the points, Enter chooses the row."
        onKeyDown={onKeyDown}
        onBlur={() => setActive(null)}
        className={`${chartClasses.chart} ${classes.plot}`}
      >
        <ResultPlot
          kind={choice.kind}
          data={data}
          colours={colours}
          xName={names.x}
          yName={names.y}
          xScale={type === 'date' ? 'days' : isTime ? 'ms' : 'number'}
          height={HEIGHT_PX}
          marked={marked}
          onSelect={select}
        />
      </div>
    </>
  )
}

/** The index of the point that a key moves to; null for a key that does not move. */
function pointAfter(key: string, { points, series }: ChartData, from: number | null): number | null {
  const last = points.length - 1
  if (key === 'Home') return 0
  if (key === 'End') return last
  const step = key === 'ArrowRight' || key === 'ArrowDown' ? 1 : key === 'ArrowLeft' || key === 'ArrowUp' ? -1 : 0
  if (step === 0) return null
  const point = from === null ? undefined : points[from]
  if (from === null || point === undefined) return step > 0 ? 0 : last
  const isAcross = series.length > 1 && (key === 'ArrowDown' || key === 'ArrowUp')
  // The series in turn at the same value of X, or the next point of the same series.
  const isNext = (each: ChartPoint) => (isAcross ? each.position === point.position : each.series === point.series)
  for (let index = from + step; index >= 0 && index <= last; index += step) {
    const each = points[index]
    if (each && isNext(each)) return index
  }
  return from
}

function PointTable({ data, title, xName, yName }: { data: ChartData; title: string; xName: string; yName: string }) {
  const texts = useMemo(() => {
    const rows = data.xs.map(({ text }, position) => ({
      position,
      text,
      cells: data.series.map(() => null as ChartPoint | null),
    }))
    for (const point of data.points) {
      const row = rows[point.position]
      if (row) row.cells[point.series] = point
    }
    return rows
  }, [data])
  return (
    <div className={classes.table}>
      <DataTable<(typeof texts)[number]>
        label={title}
        rows={texts}
        rowKey={({ position }) => String(position)}
        rowHeight={28}
        columns={[
          {
            id: 'x',
            header: xName,
            cell: ({ text }) => text,
            sortBy: ({ position }) => data.xs[position]?.x ?? null,
          },
          ...data.series.map(({ key, label }, index) => ({
            id: key,
            header: data.series.length > 1 ? label : yName,
            align: 'end' as const,
            cell: ({ cells }: (typeof texts)[number]) => cells[index]?.yText ?? '',
            sortBy: ({ cells }: (typeof texts)[number]) => cells[index]?.y ?? null,
          })),
        ]}
      />
    </div>
  )
}
