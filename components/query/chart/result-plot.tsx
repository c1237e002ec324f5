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
import { niceTicks, spacedIndices } from '@/components/chart/ticks'
import { TooltipBox } from '@/components/chart/tooltip-box'
import { formatCountTick } from '@/lib/format/count'
import type { ChartKind, ChartPoint } from './chart-data'

const COLOUR = 'var(--c1)'
const AXIS = { tickLine: false, interval: 0 } as const
const X_AXIS_PX = 24
const Y_AXIS_PX = 58
const BAR_PX = 24
const CATEGORY_PX = 120
const MAX_CATEGORY_CHARS = 16
/** Bars have their values written next to them up to this many. */
const MAX_LABELLED_BARS = 20
const DAY_MS = 86_400_000

export type PlotProps = {
  kind: ChartKind
  points: readonly ChartPoint[]
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

function PointPlot({ kind, points, xName, yName, xScale, height, marked, onSelect }: PlotProps) {
  const yTicks = axisTicks(points, kind === 'line' ? null : 0)
  const xs = points.map(({ x }) => x)
  const [min, max] = [Math.min(...xs), Math.max(...xs)]
  const xTicks =
    xScale === 'number'
      ? niceTicks(min, max, 'ratio')
      : [...new Set(spacedIndices(points.length, 6).flatMap((index) => points[index]?.x ?? []))].sort((a, b) => a - b)
  const point = marked === null ? undefined : points[marked]
  const mark = point && (
    <>
      <ReferenceLine x={point.x} stroke="var(--line2)" />
      <ReferenceDot x={point.x} y={point.y} r={5} fill={COLOUR} stroke="var(--surface)" />
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
        dataKey="y"
        name={yName}
        type="number"
        ticks={yTicks}
        domain={[yTicks[0] ?? 0, yTicks.at(-1) ?? 1]}
        tickFormatter={formatCountTick}
        axisLine={false}
        width={Y_AXIS_PX}
      />
    </>
  )
  const margin = { top: 8, right: 28, bottom: 0, left: 0 }
  if (kind === 'scatter')
    return (
      <ResponsiveContainer width="100%" height={height}>
        <ScatterChart margin={margin} accessibilityLayer={false}>
          {axes}
          <Tooltip
            cursor={false}
            isAnimationActive={false}
            content={({ active, payload }) =>
              active ? <PointTooltip point={payload[0]?.payload} yName={yName} /> : null
            }
          />
          <Scatter
            data={[...points]}
            fill={COLOUR}
            fillOpacity={0.7}
            isAnimationActive={false}
            onClick={(_item, index) => onSelect(index)}
          />
          {mark}
        </ScatterChart>
      </ResponsiveContainer>
    )
  return (
    <ResponsiveContainer width="100%" height={height}>
      <LineChart
        data={[...points]}
        margin={margin}
        accessibilityLayer={false}
        onClick={({ activeTooltipIndex }) => selectActive(activeTooltipIndex, onSelect)}
      >
        {axes}
        <PlotTooltip points={points} yName={yName} cursor={{ stroke: 'var(--line2)' }} />
        <Line
          dataKey="y"
          type="linear"
          stroke={COLOUR}
          strokeWidth={1.75}
          dot={points.length === 1 && { r: 2.5 }}
          activeDot={{ r: 3 }}
          isAnimationActive={false}
        />
        {mark}
      </LineChart>
    </ResponsiveContainer>
  )
}

function CategoryBars({ points, yName, marked, onSelect }: PlotProps) {
  const ticks = axisTicks(points, 0)
  return (
    <ResponsiveContainer width="100%" height={points.length * BAR_PX + X_AXIS_PX + 8}>
      <BarChart
        layout="vertical"
        data={toBars(points, marked)}
        margin={{ top: 8, right: 64, bottom: 0, left: 0 }}
        barCategoryGap={3}
        accessibilityLayer={false}
        onClick={({ activeTooltipIndex }) => selectActive(activeTooltipIndex, onSelect)}
      >
        <CartesianGrid horizontal={false} stroke="var(--line)" />
        <XAxis
          {...AXIS}
          type="number"
          ticks={ticks}
          domain={[ticks[0] ?? 0, ticks.at(-1) ?? 1]}
          tickFormatter={formatCountTick}
          axisLine={false}
          height={X_AXIS_PX}
        />
        <YAxis
          {...AXIS}
          type="category"
          dataKey="index"
          tickFormatter={(index: number) => shorten(points[index]?.xText ?? '')}
          axisLine={{ stroke: 'var(--line2)' }}
          width={CATEGORY_PX}
        />
        <PlotTooltip points={points} yName={yName} cursor={{ fill: 'var(--hover)' }} />
        <Bar
          dataKey="y"
          isAnimationActive={false}
          label={
            points.length <= MAX_LABELLED_BARS
              ? ({ index, x, y, width, height }) => (
                  <text
                    x={Math.max(Number(x), Number(x) + Number(width)) + 6}
                    y={Number(y) + Number(height) / 2 + 4}
                    className={chartClasses.refLabel}
                  >
                    {shorten(points[Number(index)]?.yText ?? '')}
                  </text>
                )
              : false
          }
        />
      </BarChart>
    </ResponsiveContainer>
  )
}

function RangeBars({ points, yName, height, marked, onSelect }: PlotProps) {
  const ticks = niceTicks(0, Math.max(0, ...points.map(({ y }) => y)), 'count')
  return (
    <ResponsiveContainer width="100%" height={height}>
      <BarChart
        data={toBars(points, marked)}
        margin={{ top: 8, right: 28, bottom: 0, left: 0 }}
        barCategoryGap={1}
        accessibilityLayer={false}
        onClick={({ activeTooltipIndex }) => selectActive(activeTooltipIndex, onSelect)}
      >
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis
          {...AXIS}
          dataKey="index"
          ticks={spacedIndices(points.length, 6)}
          tickFormatter={(index: number) => points[index]?.xText.split(' to ')[0] ?? ''}
          axisLine={{ stroke: 'var(--line2)' }}
          height={X_AXIS_PX}
        />
        <YAxis
          {...AXIS}
          ticks={ticks}
          domain={[0, ticks.at(-1) ?? 1]}
          tickFormatter={formatCountTick}
          axisLine={false}
          width={Y_AXIS_PX}
        />
        <PlotTooltip points={points} yName={yName} cursor={{ fill: 'var(--hover)' }} />
        <Bar dataKey="y" isAnimationActive={false} />
      </BarChart>
    </ResponsiveContainer>
  )
}

/** Bars with their position; the marked one in the colour of a choice. */
function toBars(points: readonly ChartPoint[], marked: number | null) {
  return points.map(({ y }, index) => ({ index, y, fill: index === marked ? 'var(--accent)' : COLOUR }))
}

function PlotTooltip({
  points,
  yName,
  cursor,
}: {
  points: readonly ChartPoint[]
  yName: string
  cursor: { stroke: string } | { fill: string }
}) {
  return (
    <Tooltip
      cursor={cursor}
      isAnimationActive={false}
      content={({ active, activeIndex }) => {
        const point = activeIndex === undefined || activeIndex === null ? undefined : points[Number(activeIndex)]
        return active && point ? <PointTooltip point={point} yName={yName} /> : null
      }}
    />
  )
}

function PointTooltip({ point, yName }: { point: ChartPoint | undefined; yName: string }) {
  if (!point) return null
  return <TooltipBox title={point.xText} rows={[{ name: yName, colour: COLOUR, value: point.yText }]} />
}

function selectActive(index: number | string | null | undefined, onSelect: (index: number) => void): void {
  if (index !== undefined && index !== null) onSelect(Number(index))
}

/** @param base a value that the axis includes; null for an axis near the values */
function axisTicks(points: readonly ChartPoint[], base: number | null): number[] {
  const ys = points.map(({ y }) => y)
  const all = base === null ? ys : [base, ...ys]
  return niceTicks(Math.min(...all), Math.max(...all), 'ratio')
}

function xTickText(x: number, scale: PlotProps['xScale'], span: number): string {
  if (scale === 'number') return formatCountTick(x)
  const ms = scale === 'days' ? x * DAY_MS : x
  if (Math.abs(ms) > 8.64e15) return ''
  const text = new Date(ms).toISOString()
  return scale === 'days' || span > 2 * DAY_MS ? text.slice(0, -14) : text.slice(-13, -5)
}

function shorten(text: string): string {
  return text.length > MAX_CATEGORY_CHARS ? `${text.slice(0, MAX_CATEGORY_CHARS - 1)}…` : text
}
