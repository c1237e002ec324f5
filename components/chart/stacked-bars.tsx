'use client'
import { type CSSProperties, useRef, useState } from 'react'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { formatDay } from '@/lib/format/time'
import classes from './chart.module.css'
import type { ChartMark } from './event-marks'
import { formatValue } from './format-measure'
import { type NumberedMark, NumberMarks, NUMBERS_PX } from './number-marks'
import { areaHeightPx, percent, Plot, roundPx, verticalScale } from './plot'
import { niceTicks, type Measure } from './ticks'
import { dayChanges, labelledSteps, spanLabel, stepLabel, timeLabel } from './time-labels'
import { TooltipBox } from './tooltip-box'

export type Stack = { startMs: number; values: readonly number[] }

type StackedBarsProps = {
  /** Describes the chart for screen readers; the numbers are in the table behind it. */
  label: string
  series: readonly { key: string; label: string; colour: string }[]
  /** Oldest first, `values` in the order of `series`. */
  stacks: readonly Stack[]
  stepMs: number
  /**
   * Whether steps begin at any time: a step is named by its start and its end, and the chart is below another one of the
   * same time, which has the labels.
   */
  hasUnevenSteps?: boolean
  /** The zone of the steps, if it is not that of the page. */
  timeZone?: string
  measure: Measure
  /** Name of the sum in the tooltip, for example `All tables`. */
  sumName: string
  height: number
  /** Shown when there is nothing to draw: what is missing and what to do. */
  emptyText: string
  /** Numbered events above the first bar that begins at their time or later, oldest first. */
  marks?: readonly ChartMark[]
  onOpen?: (stack: Stack, seriesIndex: number) => void
  /** Called with the span `[fromMs, toMs)` that the user dragged over. */
  onSelect?: (fromMs: number, toMs: number) => void
}

/** Stacked bars, one per time step; the first series is at the bottom. */
export function StackedBars(props: StackedBarsProps) {
  const { label, series, stacks, stepMs, hasUnevenSteps = false, measure, height, onOpen, onSelect } = props
  const ownTimeZone = useTimeZone()
  const timeZone = props.timeZone ?? ownTimeZone
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null)
  const pressedStepRef = useRef(-1)
  const maxSum = Math.max(0, ...stacks.map(({ values }) => values.reduce((sum, value) => sum + value, 0)))
  const ticks = niceTicks(0, maxSum, measure)
  const areaPx = areaHeightPx(height)
  const headPx = props.marks === undefined || props.marks.length === 0 ? 0 : NUMBERS_PX
  const scale = verticalScale(ticks, areaPx - headPx)
  const yOf = (value: number) => headPx + scale(value)
  const axis = { stepMs, durationMs: stacks.length * stepMs, timeZone }
  const startsMs = stacks.map(({ startMs }) => startMs)
  const stepOf = new Map(startsMs.map((startMs, step) => [startMs, step]))
  const edgeOf = (step: number) => step / stacks.length
  const middleOf = (step: number) => edgeOf(step + 0.5)

  const endDrag = () => {
    pressedStepRef.current = -1
    setDrag(null)
  }
  const openLargest = (step: number) => {
    const stack = stacks[step]
    if (stack !== undefined) onOpen?.(stack, stack.values.indexOf(Math.max(...stack.values)))
  }
  const [firstDragged, lastDragged] =
    drag === null ? [0, 0] : [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)]
  return (
    <Plot
      label={label}
      height={height}
      rightPx={4}
      ticks={ticks}
      yOf={yOf}
      measure={measure}
      timeLabels={(hasUnevenSteps ? [] : labelledSteps(startsMs, axis, 7)).map((startMs) => ({
        at: middleOf(stepOf.get(startMs) ?? 0),
        text: timeLabel(startMs, axis),
      }))}
      stepCount={stacks.length}
      stepAt={(at) => Math.floor(at * stacks.length)}
      positionOf={middleOf}
      tooltip={(step) => {
        const stack = stacks[step]
        return stack && <StackTooltip {...props} timeZone={timeZone} stack={stack} />
      }}
      onPress={(step) => {
        if (onSelect) pressedStepRef.current = step
      }}
      onMove={(step) => {
        const from = pressedStepRef.current
        if (from >= 0 && step !== (drag?.to ?? from)) setDrag({ from, to: step })
      }}
      onRelease={() => {
        if (firstDragged !== lastDragged) onSelect?.(startsMs[firstDragged] ?? 0, (startsMs[lastDragged] ?? 0) + stepMs)
        endDrag()
      }}
      onLeave={endDrag}
      onEnter={openLargest}
      emptyText={maxSum === 0 ? props.emptyText : null}
    >
      {(active) => (
        <>
          {active !== null && (
            <rect x={percent(edgeOf(active))} width={percent(edgeOf(1))} height={areaPx} fill="var(--hover)" />
          )}
          <g style={{ '--step-width': percent(edgeOf(1)) } as CSSProperties}>
            {stacks.map((stack, step) => (
              <g key={stack.startMs} style={{ '--step-start': percent(edgeOf(step)) } as CSSProperties}>
                {layersOf(stack.values).map(
                  ({ from, to }, index) =>
                    to > from && (
                      <rect
                        key={series[index]?.key}
                        className={classes.bar}
                        y={yOf(to)}
                        height={roundPx(yOf(from) - yOf(to))}
                        fill={series[index]?.colour}
                        {...(onOpen && { cursor: 'pointer', onClick: () => onOpen(stack, index) })}
                      />
                    ),
                )}
              </g>
            ))}
          </g>
          <NumberMarks
            marks={(props.marks ?? []).flatMap(({ atMs, text, number }): NumberedMark[] => {
              const step = startsMs.findIndex((startMs) => startMs >= atMs)
              return number === undefined || step < 0 ? [] : [{ at: middleOf(step), number, text }]
            })}
            areaPx={areaPx}
          />
          {dayChanges(startsMs, stepMs, timeZone).map((startMs) => {
            const x = percent(edgeOf(stepOf.get(startMs) ?? 0))
            return (
              <g key={startMs}>
                <line x1={x} x2={x} y1="0" y2={areaPx} stroke="var(--control)" strokeDasharray="2 3" />
                <text x={x} dx={5} y={14} className={classes.refLabel}>
                  {formatDay(startMs, timeZone)}
                </text>
              </g>
            )
          })}
          {firstDragged !== lastDragged && (
            <rect
              x={percent(edgeOf(firstDragged))}
              width={percent(edgeOf(lastDragged + 1 - firstDragged))}
              height={areaPx}
              fill="var(--accent)"
              fillOpacity={0.12}
              pointerEvents="none"
            />
          )}
        </>
      )}
    </Plot>
  )
}

/** Where each value of a stack begins and ends, from the bottom. */
function layersOf(values: readonly number[]): { from: number; to: number }[] {
  let from = 0
  return values.map((value) => {
    const layer = { from, to: from + value }
    from = layer.to
    return layer
  })
}

/** Lists the series as they are stacked, from the top; zeros are left out. */
function StackTooltip({
  stack,
  series,
  stepMs,
  hasUnevenSteps = false,
  measure,
  sumName,
  timeZone,
}: StackedBarsProps & { stack: Stack; timeZone: string }) {
  const rows = series.flatMap(({ label: name, colour }, index) => {
    const value = stack.values[index] ?? 0
    return value === 0 ? [] : [{ name, colour, value: formatValue(measure, value) }]
  })
  const total = stack.values.reduce((sum, value) => sum + value, 0)
  return (
    <TooltipBox
      title={(hasUnevenSteps ? spanLabel : stepLabel)(stack.startMs, stepMs, timeZone)}
      rows={rows.reverse()}
      sum={{ name: sumName, value: formatValue(measure, total) }}
    />
  )
}
