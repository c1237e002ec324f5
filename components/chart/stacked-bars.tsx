'use client'
import { useRef, useState } from 'react'
import {
  Bar,
  BarChart,
  CartesianGrid,
  ReferenceArea,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { formatDay } from '@/lib/format/time'
import classes from './chart.module.css'
import { formatTick, formatValue } from './format-measure'
import { niceTicks, type Measure } from './ticks'
import { dayChanges, labelledSteps, stepLabel, timeLabel } from './time-labels'
import { TooltipBox } from './tooltip-box'

export type Stack = { startMs: number; values: readonly number[] }

type StackedBarsProps = {
  /** Describes the chart for screen readers; the numbers are in the table behind it. */
  label: string
  series: readonly { key: string; label: string; colour: string }[]
  /** Oldest first, `values` in the order of `series`. */
  stacks: readonly Stack[]
  stepMs: number
  measure: Measure
  /** Name of the sum in the tooltip, for example `All tables`. */
  sumName: string
  height?: number
  /** Shown when there is nothing to draw: what is missing and what to do. */
  emptyText: string
  onOpen?: (stack: Stack, seriesIndex: number) => void
  /** Called with the span `[fromMs, toMs)` that the user dragged over. */
  onSelect?: (fromMs: number, toMs: number) => void
}

/** Stacked bars, one per time step; the first series is at the bottom. */
export function StackedBars(props: StackedBarsProps) {
  const { label, series, stacks, stepMs, measure, height = 270, onOpen, onSelect } = props
  const timeZone = useTimeZone()
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null)
  const activeIndexRef = useRef(-1)
  // A ref, because a render between press and release would turn a click on a bar into no click.
  const pressedIndexRef = useRef(-1)
  const colours = series.map(({ colour }) => colour)
  const sums = stacks.map(({ values }) => values.reduce((sum, value) => sum + value, 0))
  const maxSum = Math.max(0, ...sums)
  const ticks = niceTicks(0, maxSum, measure)
  const axis = { stepMs, durationMs: stacks.length * stepMs, timeZone }
  const startOf = (index: number) => stacks[index]?.startMs ?? 0

  const activeIndexIn = ({ activeTooltipIndex }: { activeTooltipIndex?: number | string | null | undefined }) =>
    activeTooltipIndex === undefined || activeTooltipIndex === null ? -1 : Number(activeTooltipIndex)
  const finishDrag = () => {
    if (drag !== null && drag.from !== drag.to) {
      const [first, last] = drag.from < drag.to ? [drag.from, drag.to] : [drag.to, drag.from]
      onSelect?.(startOf(first), startOf(last) + stepMs)
    }
    pressedIndexRef.current = -1
    setDrag(null)
  }
  const openLargest = (index: number) => {
    const stack = stacks[index]
    if (stack === undefined || onOpen === undefined) return
    onOpen(stack, stack.values.indexOf(Math.max(...stack.values)))
  }
  return (
    <div
      className={classes.chart}
      style={{ height }}
      role="group"
      aria-label={label}
      // Arrow keys move the tooltip and Enter opens its step. Captured, because the chart hides the tooltip on Enter.
      onKeyDownCapture={(event) => {
        if (event.key === 'Enter') openLargest(activeIndexRef.current)
      }}
    >
      <ResponsiveContainer width="100%" height={height}>
        <BarChart
          data={stacks}
          margin={{ top: 8, right: 4, bottom: 0, left: 0 }}
          barCategoryGap={2}
          accessibilityLayer
          title={label}
          onMouseDown={(state) => {
            const index = activeIndexIn(state)
            if (onSelect && index >= 0) pressedIndexRef.current = index
          }}
          onMouseMove={(state) => {
            const index = activeIndexIn(state)
            if (pressedIndexRef.current < 0 || index < 0) return
            if (index !== (drag?.to ?? pressedIndexRef.current)) setDrag({ from: pressedIndexRef.current, to: index })
          }}
          onMouseUp={finishDrag}
          onMouseLeave={() => {
            pressedIndexRef.current = -1
            setDrag(null)
          }}
        >
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey="startMs"
            ticks={labelledSteps(
              stacks.map(({ startMs }) => startMs),
              axis,
              7,
            )}
            tickFormatter={(startMs: number) => timeLabel(startMs, axis)}
            interval={0}
            tickLine={false}
            axisLine={{ stroke: 'var(--line2)' }}
            height={22}
          />
          <YAxis
            ticks={ticks}
            domain={[0, ticks.at(-1) ?? 1]}
            // Where some have no room, the zero stays.
            interval="preserveStartEnd"
            tickFormatter={(value: number) => formatTick(measure, value)}
            tickLine={false}
            axisLine={false}
            width={58}
          />
          <Tooltip
            cursor={{ fill: 'var(--hover)' }}
            isAnimationActive={false}
            content={({ active: isShown, activeIndex }) => {
              const index = activeIndex === undefined || activeIndex === null ? -1 : Number(activeIndex)
              activeIndexRef.current = isShown ? index : -1
              const stack = stacks[index]
              return isShown && stack ? <StackTooltip {...props} stack={stack} colours={colours} /> : null
            }}
          />
          {dayChanges(
            stacks.map(({ startMs }) => startMs),
            stepMs,
            timeZone,
          ).map((startMs) => (
            <ReferenceLine
              key={startMs}
              x={startMs}
              position="start"
              stroke="var(--control)"
              strokeDasharray="2 3"
              label={{
                value: formatDay(startMs, timeZone),
                position: 'insideTopLeft',
                className: classes.refLabel ?? '',
              }}
            />
          ))}
          {series.map(({ key, label: name }, index) => (
            <Bar
              key={key}
              name={name}
              stackId="all"
              dataKey={`values[${index}]`}
              {...(colours[index] !== undefined && { fill: colours[index] })}
              isAnimationActive={false}
              {...(onOpen && {
                cursor: 'pointer',
                onClick: (_: unknown, stackIndex: number) => {
                  const stack = stacks[stackIndex]
                  if (stack !== undefined) onOpen(stack, index)
                },
              })}
            />
          ))}
          {drag !== null && drag.from !== drag.to && (
            <ReferenceArea
              x1={startOf(Math.min(drag.from, drag.to))}
              x2={startOf(Math.max(drag.from, drag.to))}
              fill="var(--accent)"
              fillOpacity={0.12}
            />
          )}
        </BarChart>
      </ResponsiveContainer>
      {maxSum === 0 && <p className={classes.nothing}>{props.emptyText}</p>}
    </div>
  )
}

/** Lists the series as they are stacked, from the top; zeros are left out. */
function StackTooltip({
  stack,
  series,
  stepMs,
  measure,
  sumName,
  colours,
}: StackedBarsProps & { stack: Stack; colours: readonly string[] }) {
  const timeZone = useTimeZone()
  const rows = series.flatMap(({ label: name }, index) => {
    const value = stack.values[index] ?? 0
    return value === 0 ? [] : [{ name, colour: colours[index] ?? '', value: formatValue(measure, value) }]
  })
  const total = stack.values.reduce((sum, value) => sum + value, 0)
  return (
    <TooltipBox
      title={stepLabel(stack.startMs, stepMs, timeZone)}
      rows={rows.reverse()}
      sum={{ name: sumName, value: formatValue(measure, total) }}
    />
  )
}
