'use client'
import { ActionIcon, Select } from '@mantine/core'
import { IconChartBar, IconTable } from '@tabler/icons-react'
import { type KeyboardEvent, useMemo, useState } from 'react'
import chartClasses from '@/components/chart/chart.module.css'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { DataTable } from '@/components/ui/table/data-table'
import { formatCount, formatQuantity } from '@/lib/format/count'
import {
  axisColumns,
  bestChoice,
  CHART_KINDS,
  type ChartChoice,
  type ChartData,
  chartData,
  type ChartKind,
  type ChartPoint,
  type ChartSource,
  defaultChoice,
} from './chart-data'
import classes from './result-chart.module.css'
import { ResultPlot } from './result-plot'

const KIND_LABELS: Readonly<Record<ChartKind, string>> = {
  line: 'Line',
  bar: 'Bars',
  scatter: 'Scatter',
  histogram: 'Histogram',
}
const HEIGHT_PX = 300
/** One stop of the keyboard, which handles the arrow keys itself. */
const KEYBOARD_STOP = { tabIndex: 0 }

/** A result as a chart. The chosen point is the chosen row of the grid. */
export function ResultChart({
  source,
  selectedRow,
  onSelect,
}: {
  source: ChartSource
  /** Row of the result, from 0. */
  selectedRow: number | null
  onSelect: (row: number) => void
}) {
  const { columns } = source
  const [chosen, setChosen] = useState<ChartChoice | null>(null)
  const [isTable, setIsTable] = useState(false)
  const choice = useMemo(
    () => (chosen && fits(chosen, source) ? chosen : bestChoice(columns)),
    [chosen, source, columns],
  )
  const data = useMemo(() => choice && chartData(choice, source), [choice, source])
  if (choice === null || data === null)
    return (
      <div className={classes.chart}>
        <EmptyState>A chart needs a column of numbers. Select one, for example count(*).</EmptyState>
      </div>
    )
  const kinds = CHART_KINDS.filter((kind) => defaultChoice(kind, columns) !== null)
  const axes = axisColumns(choice.kind, columns)
  const nameOf = (index: number | null) => (index === null ? 'rows' : (columns[index]?.name ?? ''))
  const options = (indices: readonly number[]) =>
    indices.map((index) => ({ value: String(index), label: nameOf(index) || `column ${index + 1}` }))
  const ToggleIcon = isTable ? IconChartBar : IconTable
  const toggleLabel = isTable ? 'Show as chart' : 'Show as table'
  return (
    <div className={classes.chart}>
      <div className="row wrap gap-6 rigid">
        <Select
          aria-label="Kind of chart"
          data={kinds.map((kind) => ({ value: kind, label: KIND_LABELS[kind] }))}
          value={choice.kind}
          allowDeselect={false}
          onChange={(kind) => setChosen(defaultChoice(kind ?? choice.kind, columns))}
          className={classes.select ?? ''}
        />
        <Select
          aria-label={choice.y === null ? 'Column' : 'Horizontal axis'}
          data={options(axes.x)}
          value={String(choice.x)}
          allowDeselect={false}
          onChange={(x) => setChosen({ ...choice, x: Number(x) })}
          className={classes.select ?? ''}
        />
        {choice.y !== null && (
          <Select
            aria-label="Vertical axis"
            data={options(axes.y)}
            value={String(choice.y)}
            allowDeselect={false}
            onChange={(y) => setChosen({ ...choice, y: Number(y) })}
            className={classes.select ?? ''}
          />
        )}
        <Tooltip label={toggleLabel}>
          <ActionIcon aria-label={`${toggleLabel}: chart`} aria-pressed={isTable} onClick={() => setIsTable(!isTable)}>
            <ToggleIcon size={16} stroke={1.6} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </div>
      <p className={classes.bound}>{boundText(choice.kind, data)}</p>
      {isTable ? (
        <PointTable points={data.points} xName={nameOf(choice.x)} yName={nameOf(choice.y)} />
      ) : (
        <PlotWithKeys
          key={`${choice.kind} ${choice.x} ${choice.y}`}
          choice={choice}
          points={data.points}
          source={source}
          names={{ x: nameOf(choice.x), y: nameOf(choice.y) }}
          selectedRow={selectedRow}
          onSelect={onSelect}
        />
      )}
    </div>
  )
}

/** The plot is one stop of the keyboard: arrows move along its points, Enter chooses the row of one. */
function PlotWithKeys({
  choice,
  points,
  source,
  names,
  selectedRow,
  onSelect,
}: {
  choice: ChartChoice
  points: readonly ChartPoint[]
  source: ChartSource
  names: { x: string; y: string }
  selectedRow: number | null
  onSelect: (row: number) => void
}) {
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
    const from = marked ?? -1
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: from + 1,
      ArrowDown: from + 1,
      ArrowLeft: from < 0 ? points.length - 1 : from - 1,
      ArrowUp: from < 0 ? points.length - 1 : from - 1,
      Home: 0,
      End: points.length - 1,
    }
    const next = steps[event.key]
    if (next !== undefined) {
      event.preventDefault()
      setActive(Math.max(0, Math.min(points.length - 1, next)))
    } else if (event.key === 'Enter' && marked !== null) {
      event.preventDefault()
      select(marked)
    }
  }
  const type = source.columns[choice.x]?.type
  const isTime = typeof type === 'string' && type.startsWith('timestamp')
  return (
    <>
      <p role="status" className={classes.readout}>
        {point ? (
          <>
            <span>{point.xText}</span> {names.y} <b>{point.yText}</b>
          </>
        ) : (
          '\u00a0'
        )}
      </p>
      <div
        {...KEYBOARD_STOP}
        role="application"
        aria-roledescription="chart"
        aria-label={`${names.y} by ${names.x}, ${formatQuantity(points.length, 'point')}`}
        title="Arrow keys move along the points, Enter chooses the row."
        onKeyDown={onKeyDown}
        onBlur={() => setActive(null)}
        className={`${chartClasses.chart} ${classes.plot}`}
      >
        <ResultPlot
          kind={choice.kind}
          points={points}
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

function PointTable({ points, xName, yName }: { points: readonly ChartPoint[]; xName: string; yName: string }) {
  return (
    <div className={classes.table}>
      <DataTable<ChartPoint>
        label={`${yName} by ${xName}`}
        rows={points}
        rowKey={({ row, xText }) => (row === null ? xText : String(row))}
        rowHeight={28}
        columns={[
          { id: 'x', header: xName, cell: ({ xText }) => xText, sortBy: ({ x }) => x },
          { id: 'y', header: yName, align: 'end', cell: ({ yText }) => yText, sortBy: ({ y }) => y },
        ]}
      />
    </div>
  )
}

/** The part of the result in the chart: `first 50 of 305 rows, 3 without a number left out`. */
function boundText(kind: ChartKind, { shownRows, leftOutRows, unreadRows, points }: ChartData): string {
  const read = shownRows + leftOutRows
  const rows =
    unreadRows > 0
      ? `first ${formatCount(read)} of ${formatQuantity(read + unreadRows, 'row')}`
      : `all ${formatQuantity(read, 'row')}`
  const ranges = kind === 'histogram' ? ` in ${formatQuantity(points.length, 'range')}` : ''
  const skipped = leftOutRows > 0 ? `, ${formatCount(leftOutRows)} without a number left out` : ''
  return rows + ranges + skipped
}

/** Another result of the same shape keeps the choice. */
function fits({ kind, x, y }: ChartChoice, { columns }: ChartSource): boolean {
  const axes = axisColumns(kind, columns)
  return axes.x.includes(x) && (y === null ? kind === 'histogram' : axes.y.includes(y))
}
