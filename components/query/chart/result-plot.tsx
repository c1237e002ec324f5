'use client'
import {
  Bar,
  BarChart,
  CartesianGrid,
  Line,
  LineChart,
  ReferenceDot,
  ReferenceLine,
  ResponsiveContainer,
  Scatter,
  ScatterChart,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts'
import chartClasses from '@/components/chart/chart.module.css'
import { END_GAP_PX, END_MARK_PX, EndLabel } from '@/components/chart/end-label'
import { endLabelShifts, niceTicks, spacedIndices, spacedLabels } from '@/components/chart/ticks'
import { TooltipBox } from '@/components/chart/tooltip-box'
import type { ChartKind } from '@/lib/query/result-display'
import { formatCountTick } from '@/lib/format/count'
import type { ChartData, ChartPoint } from './chart-source'
import { tickFormatter, valueTicks } from './value-axis'
import { seriesLabel, valueLabel } from './value-label'

const AXIS = { tickLine: false, interval: 0 } as const
const MARGIN_TOP_PX = 8
const X_AXIS_PX = 24
const Y_AXIS_PX = 58
/** The height of a category with one bar, and what each further bar adds. */
const BAR_PX = 24
const MORE_BAR_PX = 14
const CATEGORY_PX = 120
/** The text of a label at the end of a line. */
const END_TEXT_PX = { one: 74, several: 140 }
const END_LABEL_PX = {
  one: END_GAP_PX + END_TEXT_PX.one,
  several: END_GAP_PX + END_MARK_PX + END_TEXT_PX.several,
}
/** The text next to a bar. */
const BAR_TEXT_PX = 74
const MAX_CATEGORY_CHARS = 16
/** Bars have their values written next to them up to this many. */
const MAX_LABELLED_BARS = 20
const DAY_MS = 86_400_000

export type PlotProps = {
  kind: ChartKind
  data: ChartData
  /** One for each series. */
  colours: readonly string[]
  xName: string
  yName: string
  /** The horizontal axis has dates in days, times in milliseconds, or numbers. */
  xScale: 'days' | 'ms' | 'number'
  height: number
  /** The point that is marked, by its index. */
  marked: number | null
  onSelect: (index: number) => void
}

/** The drawing of a chart. Its keys and its table belong to the component around it. */
export function ResultPlot(props: PlotProps) {
  if (props.kind === 'bar') return <CategoryBars {...props} />
  if (props.kind === 'histogram') return <RangeBars {...props} />
  return <PointPlot {...props} />
}

function PointPlot(props: PlotProps) {
  const { kind, data, colours, xName, yName, xScale, height, marked, onSelect } = props
  const { xs, points, series } = data
  const yTicks = valueTicks(kind, points)
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { x } of xs) [min, max] = [Math.min(min, x), Math.max(max, x)]
  const xTicks = xScale === 'number' ? niceTicks(min, max, 'ratio') : timeTicks(xs, { min, max }, xScale)
  const point = marked === null ? undefined : points[marked]
  const mark = point && (
    <>
      <ReferenceLine x={point.x} stroke="var(--line2)" />
      <ReferenceDot x={point.x} y={point.y} r={5} fill={colours[point.series] ?? ''} stroke="var(--surface)" />
    </>
  )
  const axes = (
    <>
      <CartesianGrid vertical={false} stroke="var(--line)" />
      <XAxis
        {...AXIS}
        dataKey="x"
        name={xName}
        type="number"
        domain={xScale === 'number' ? [xTicks[0] ?? 0, xTicks.at(-1) ?? 1] : ['dataMin', 'dataMax']}
        ticks={xTicks}
        tickFormatter={(x: number) => xTickText(x, xScale, max - min)}
        axisLine={{ stroke: 'var(--line2)' }}
        height={X_AXIS_PX}
      />
      <YAxis
        {...AXIS}
        {...(kind === 'scatter' && { dataKey: 'y' })}
        name={yName}
        type="number"
        ticks={yTicks}
        domain={[yTicks[0] ?? 0, yTicks.at(-1) ?? 1]}
        tickFormatter={tickFormatter(yTicks)}
        axisLine={false}
        width={Y_AXIS_PX}
      />
    </>
  )
  const margin = { top: MARGIN_TOP_PX, right: 28, bottom: 0, left: 0 }
  if (kind === 'scatter')
    return (
      <ResponsiveContainer width="100%" height={height}>
        <ScatterChart margin={margin} accessibilityLayer={false}>
          {axes}
          <Tooltip
            cursor={false}
            isAnimationActive={false}
            content={({ active, payload }) =>
              active ? <PointTooltip {...props} points={[payload[0]?.payload]} /> : null
            }
          />
          {series.map(({ key }, number) => {
            const own = points.flatMap((each, index) => (each.series === number ? { ...each, index } : []))
            return (
              <Scatter
                key={key}
                data={own}
                fill={colours[number] ?? ''}
                fillOpacity={0.7}
                isAnimationActive={false}
                onClick={(_item, index) => {
                  const chosen = own[index]
                  if (chosen) onSelect(chosen.index)
                }}
              />
            )
          })}
          {mark}
        </ScatterChart>
      </ResponsiveContainer>
    )
  const ends = series.map((_, number) => points.findLast((each) => each.series === number) ?? null)
  const [low, high] = [yTicks[0] ?? 0, yTicks.at(-1) ?? 1]
  const heightPx = height - MARGIN_TOP_PX - X_AXIS_PX
  const labelShifts = endLabelShifts(
    ends.map((end) => end && end.y),
    { min: low, max: high, heightPx },
  )
  return (
    <ResponsiveContainer width="100%" height={height}>
      <LineChart
        data={toRows(data)}
        margin={{ ...margin, right: series.length > 1 ? END_LABEL_PX.several : END_LABEL_PX.one }}
        accessibilityLayer={false}
        onClick={({ activeTooltipIndex }) => selectActive(activeTooltipIndex, props)}
      >
        {axes}
        <PlotTooltip {...props} cursor={{ stroke: 'var(--line2)' }} />
        {series.map(({ key, label }, number) => (
          <Line
            key={key}
            name={label}
            dataKey={`values[${number}]`}
            type="linear"
            // Series may have points at different values of X.
            connectNulls
            stroke={colours[number] ?? ''}
            strokeWidth={1.75}
            dot={hasOnePoint(points, number) && { r: 2.5 }}
            activeDot={{ r: 3 }}
            isAnimationActive={false}
          />
        ))}
        {ends.map(
          (end, number) =>
            end !== null && (
              <ReferenceDot
                key={series[number]?.key}
                x={end.x}
                y={end.y - ((labelShifts[number] ?? 0) * (high - low)) / heightPx}
                r={0}
                ifOverflow="visible"
                label={({ viewBox }) => (
                  <EndLabel
                    x={viewBox.x}
                    y={viewBox.y}
                    colour={series.length > 1 ? (colours[number] ?? null) : null}
                    title={series.length > 1 ? `${series[number]?.label ?? ''} ${end.yText}` : end.yText}
                  >
                    {series.length > 1
                      ? seriesLabel(series[number]?.label ?? '', end.yText, END_TEXT_PX.several)
                      : valueLabel(end.yText, END_TEXT_PX.one)}
                  </EndLabel>
                )}
              />
            ),
        )}
        {mark}
      </LineChart>
    </ResponsiveContainer>
  )
}

function CategoryBars(props: PlotProps) {
  const { data, colours, marked } = props
  const { xs, points, series } = data
  const ticks = valueTicks('bar', points)
  const rowPx = BAR_PX + MORE_BAR_PX * (series.length - 1)
  return (
    <ResponsiveContainer width="100%" height={xs.length * rowPx + X_AXIS_PX + MARGIN_TOP_PX}>
      <BarChart
        layout="vertical"
        data={toRows(data, marked)}
        margin={{ top: MARGIN_TOP_PX, right: END_GAP_PX + BAR_TEXT_PX, bottom: 0, left: 0 }}
        barCategoryGap={3}
        barGap={1}
        accessibilityLayer={false}
        onClick={({ activeTooltipIndex }) => selectActive(activeTooltipIndex, props)}
      >
        <CartesianGrid horizontal={false} stroke="var(--line)" />
        <XAxis
          {...AXIS}
          type="number"
          ticks={ticks}
          domain={[ticks[0] ?? 0, ticks.at(-1) ?? 1]}
          tickFormatter={tickFormatter(ticks)}
          axisLine={false}
          height={X_AXIS_PX}
        />
        <YAxis
          {...AXIS}
          type="category"
          dataKey="position"
          tickFormatter={(position: number) => shorten(xs[position]?.text ?? '')}
          axisLine={{ stroke: 'var(--line2)' }}
          width={CATEGORY_PX}
        />
        <PlotTooltip {...props} cursor={{ fill: 'var(--hover)' }} />
        {series.map(({ key, label }, number) => {
          const own = points.filter((each) => each.series === number)
          return (
            <Bar
              key={key}
              name={label}
              dataKey={`values[${number}]`}
              fill={colours[number] ?? ''}
              isAnimationActive={false}
              label={
                points.length <= MAX_LABELLED_BARS
                  ? ({ index, x, y, width, height }) => {
                      const text = own.find(({ position }) => position === Number(index))?.yText
                      return text === undefined ? (
                        <g />
                      ) : (
                        <text
                          x={Math.max(Number(x), Number(x) + Number(width)) + END_GAP_PX}
                          y={Number(y) + Number(height) / 2 + 4}
                          className={chartClasses.refLabel}
                        >
                          <title>{text}</title>
                          {valueLabel(text, BAR_TEXT_PX)}
                        </text>
                      )
                    }
                  : false
              }
            />
          )
        })}
      </BarChart>
    </ResponsiveContainer>
  )
}

function RangeBars(props: PlotProps) {
  const { data, colours, height, marked } = props
  const { xs, points } = data
  const ticks = valueTicks('histogram', points)
  return (
    <ResponsiveContainer width="100%" height={height}>
      <BarChart
        data={toRows(data, marked)}
        margin={{ top: MARGIN_TOP_PX, right: 28, bottom: 0, left: 0 }}
        barCategoryGap={1}
        accessibilityLayer={false}
        onClick={({ activeTooltipIndex }) => selectActive(activeTooltipIndex, props)}
      >
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis
          {...AXIS}
          dataKey="position"
          ticks={spacedIndices(xs.length, 6)}
          tickFormatter={(position: number) => xs[position]?.text.split(' to ')[0] ?? ''}
          axisLine={{ stroke: 'var(--line2)' }}
          height={X_AXIS_PX}
        />
        <YAxis
          {...AXIS}
          ticks={ticks}
          domain={[0, ticks.at(-1) ?? 1]}
          tickFormatter={tickFormatter(ticks)}
          axisLine={false}
          width={Y_AXIS_PX}
        />
        <PlotTooltip {...props} cursor={{ fill: 'var(--hover)' }} />
        <Bar dataKey="values[0]" fill={colours[0] ?? ''} isAnimationActive={false} />
      </BarChart>
    </ResponsiveContainer>
  )
}

type PlotRow = { position: number; x: number; values: (number | null)[]; fill?: string; stroke?: string }

/** A row for each value of X. A marked bar has the colour of a choice; among several, its group has it as an edge. */
function toRows({ xs, series, points }: ChartData, marked: number | null = null): PlotRow[] {
  const rows = xs.map(({ x }, position): PlotRow => ({ position, x, values: series.map(() => null) }))
  for (const { position, series: number, y } of points) {
    const row = rows[position]
    if (row) row.values[number] = y
  }
  const markedRow = rows[(marked === null ? undefined : points[marked])?.position ?? -1]
  if (markedRow) markedRow[series.length === 1 ? 'fill' : 'stroke'] = 'var(--accent)'
  return rows
}

function PlotTooltip(props: PlotProps & { cursor: { stroke: string } | { fill: string } }) {
  return (
    <Tooltip
      cursor={props.cursor}
      isAnimationActive={false}
      content={({ active, activeIndex }) => {
        if (!active || activeIndex === undefined || activeIndex === null) return null
        return (
          <PointTooltip
            {...props}
            points={props.data.points.filter(({ position }) => position === Number(activeIndex))}
          />
        )
      }}
    />
  )
}

/** The points at one value of X. */
function PointTooltip({ data, colours, yName, points }: PlotProps & { points: readonly (ChartPoint | undefined)[] }) {
  const shown = points.flatMap((point) => point ?? [])
  const title = data.xs[shown[0]?.position ?? -1]?.text
  if (title === undefined) return null
  const rows = shown.map(({ series, yText }) => ({
    name: data.series.length > 1 ? (data.series[series]?.label ?? '') : yName,
    colour: colours[series] ?? '',
    value: yText,
  }))
  return <TooltipBox title={title} rows={rows} />
}

/** Selects a point at a value of X: of the series that is marked, if it has one there. */
function selectActive(
  position: number | string | null | undefined,
  { data: { points }, marked, onSelect }: Pick<PlotProps, 'data' | 'marked' | 'onSelect'>,
): void {
  if (position === undefined || position === null) return
  const there = points.flatMap((point, index) => (point.position === Number(position) ? { ...point, index } : []))
  const markedSeries = marked === null ? undefined : points[marked]?.series
  const chosen = there.find(({ series }) => series === markedSeries) ?? there[0]
  if (chosen) onSelect(chosen.index)
}

function hasOnePoint(points: readonly ChartPoint[], series: number): boolean {
  return points.filter((point) => point.series === series).length === 1
}

function xTickText(x: number, scale: PlotProps['xScale'], span: number): string {
  if (scale === 'number') return formatCountTick(x)
  const ms = scale === 'days' ? x * DAY_MS : x
  if (Math.abs(ms) > 8.64e15) return ''
  const text = new Date(ms).toISOString()
  return scale === 'days' || span > 2 * DAY_MS ? text.slice(0, -14) : text.slice(-13, -5)
}

/** Times at any distance, so that no two of their labels overlap or are the same. */
function timeTicks(
  xs: ChartData['xs'],
  { min, max }: { min: number; max: number },
  scale: PlotProps['xScale'],
): number[] {
  const times = [...new Set(xs.map(({ x }) => x))].sort((a, b) => a - b)
  const positions = times.map((x) => (max > min ? (x - min) / (max - min) : 0.5))
  return spacedLabels(positions, (index) => xTickText(times[index] ?? min, scale, max - min)).flatMap(
    ({ index }) => times[index] ?? [],
  )
}

function shorten(text: string): string {
  return text.length > MAX_CATEGORY_CHARS ? `${text.slice(0, MAX_CATEGORY_CHARS - 1)}…` : text
}
