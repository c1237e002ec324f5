'use client'
import { CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { formatDay, formatTimeOfDay } from '@/lib/format/time'
import classes from './chart.module.css'
import { formatTick, formatValue } from './format-measure'
import { endLabelShifts, type Measure, niceTicks, spacedIndices } from './ticks'
import { timeLabel } from './time-labels'
import { TooltipBox } from './tooltip-box'

const MARGIN_TOP = 8
const AXIS_HEIGHT = 22

export type LinePoint = { atMs: number; values: readonly (number | null)[] }

/** Lines over time, each labelled at its right end with its last value. Null leaves a gap: unknown is not zero. */
export function TimeLines({
  label,
  names,
  colours,
  points,
  measure,
  height = 200,
  fromZero = true,
  isStepped = false,
  emptyText,
}: {
  label: string
  names: readonly string[]
  colours: readonly string[]
  points: readonly LinePoint[]
  measure: Measure
  height?: number
  /** False for a line that changes little relative to its values; its axis then starts near the minimum. */
  fromZero?: boolean
  /** For values that hold until the next point, such as the size of a table between two commits. */
  isStepped?: boolean
  emptyText: string
}) {
  const timeZone = useTimeZone()
  const values = points.flatMap((point) => point.values.filter((value) => value !== null))
  const ticks = niceTicks(fromZero || values.length === 0 ? 0 : Math.min(...values), Math.max(0, ...values), measure)
  const first = points[0]?.atMs ?? 0
  const durationMs = (points.at(-1)?.atMs ?? 0) - first
  const stepMs = points.length > 1 ? durationMs / (points.length - 1) : durationMs
  const last = points.at(-1)
  const labelShifts = endLabelShifts(last?.values ?? [], {
    min: ticks[0] ?? 0,
    max: ticks.at(-1) ?? 1,
    heightPx: height - MARGIN_TOP - AXIS_HEIGHT,
  })
  return (
    <div className={classes.chart} style={{ height }} role="group" aria-label={label}>
      <ResponsiveContainer width="100%" height={height}>
        <LineChart
          data={points}
          margin={{ top: MARGIN_TOP, right: names.length > 1 ? 100 : 64, bottom: 0, left: 0 }}
          accessibilityLayer
          title={label}
        >
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey="atMs"
            type="number"
            scale="linear"
            domain={['dataMin', 'dataMax']}
            ticks={spacedIndices(points.length, 6).map((index) => points[index]?.atMs ?? 0)}
            tickFormatter={(atMs: number) => timeLabel(atMs, { stepMs, durationMs, timeZone })}
            interval={0}
            tickLine={false}
            axisLine={{ stroke: 'var(--line2)' }}
            height={AXIS_HEIGHT}
          />
          <YAxis
            ticks={ticks}
            domain={[ticks[0] ?? 0, ticks.at(-1) ?? 1]}
            tickFormatter={(value: number) => formatTick(measure, value)}
            tickLine={false}
            axisLine={false}
            width={58}
          />
          <Tooltip
            cursor={{ stroke: 'var(--line2)' }}
            isAnimationActive={false}
            content={({ active, activeIndex }) => {
              const point = activeIndex === undefined || activeIndex === null ? undefined : points[Number(activeIndex)]
              if (!active || point === undefined) return null
              return (
                <TooltipBox
                  title={formatDay(point.atMs, timeZone)}
                  note={formatTimeOfDay(point.atMs, timeZone)}
                  rows={names.map((name, index) => {
                    const value = point.values[index] ?? null
                    return {
                      name,
                      colour: colours[index] ?? '',
                      value: value === null ? 'unknown' : formatValue(measure, value),
                    }
                  })}
                />
              )
            }}
          />
          {names.map((name, index) => {
            const lastValue = last?.values[index] ?? null
            return (
              <Line
                key={name}
                name={name}
                dataKey={`values[${index}]`}
                type={isStepped ? 'stepAfter' : 'linear'}
                strokeWidth={1.75}
                {...(colours[index] !== undefined && { stroke: colours[index] })}
                dot={values.length === names.length && { r: 2.5 }}
                activeDot={{ r: 3 }}
                isAnimationActive={false}
                label={({ index: pointIndex, x, y }) =>
                  pointIndex === points.length - 1 && lastValue !== null ? (
                    <text x={Number(x) + 6} y={Number(y) + 4 + (labelShifts[index] ?? 0)} className={classes.endLabel}>
                      {names.length > 1 ? `${name} ` : ''}
                      {formatValue(measure, lastValue)}
                    </text>
                  ) : (
                    <g />
                  )
                }
              />
            )
          })}
        </LineChart>
      </ResponsiveContainer>
      {values.length === 0 && <p className={classes.nothing}>{emptyText}</p>}
    </div>
  )
}
