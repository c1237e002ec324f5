'use client'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { formatDay, formatTimeOfDay } from '@/lib/format/time'
import classes from './chart.module.css'
import { END_MARK_PX, EndLabel } from './end-label'
import { type ChartMark, EventMarks } from './event-marks'
import { formatValue } from './format-measure'
import { areaHeightPx, percent, Plot, roundPx, type Share, verticalScale } from './plot'
import { endLabelShifts, lineTicks, type Measure, spacedLabels } from './ticks'
import { timeLabel } from './time-labels'
import { TooltipBox } from './tooltip-box'

/** The width of a drawing whose lines are stretched to that of the chart. */
const DRAWN_WIDTH = 1000
const RIGHT_PX = { one: 64, several: 100 + END_MARK_PX }

export type LinePoint = { atMs: number; values: readonly (number | null)[] }

/** Lines over time, each labelled at its right end with its last value. Null leaves a gap: unknown is not zero. */
export function TimeLines({
  label,
  names,
  colours,
  points,
  measure,
  height,
  fromZero = true,
  isStepped = false,
  marks = [],
  hasMarkTexts = true,
  emptyText,
}: {
  label: string
  names: readonly string[]
  colours: readonly string[]
  /** Oldest first. */
  points: readonly LinePoint[]
  measure: Measure
  height: number
  /** False for a line that changes little relative to its values; its axis then starts near the minimum. */
  fromZero?: boolean
  /** For values that hold until the next point, such as the size of a table between two commits. */
  isStepped?: boolean
  /** Events that explain the lines: each is a line with a word, oldest first. */
  marks?: readonly ChartMark[]
  /** False where the chart above has the words. */
  hasMarkTexts?: boolean
  emptyText: string
}) {
  const timeZone = useTimeZone()
  const values = points.flatMap((point) => point.values.filter((value) => value !== null))
  const ticks = lineTicks(values, measure, { fromZero })
  const areaPx = areaHeightPx(height)
  const yOf = verticalScale(ticks, areaPx)
  const firstMs = points[0]?.atMs ?? 0
  const durationMs = (points.at(-1)?.atMs ?? 0) - firstMs
  const stepMs = points.length > 1 ? durationMs / (points.length - 1) : durationMs
  const positionOf = (index: number): Share =>
    durationMs === 0 ? 0.5 : ((points[index]?.atMs ?? firstMs) - firstMs) / durationMs
  const last = points.at(-1)
  const labelShifts = endLabelShifts(last?.values ?? [], {
    min: ticks[0] ?? 0,
    max: ticks.at(-1) ?? 1,
    heightPx: areaPx,
  })
  const dotsOf = (index: number, radiusPx: number) =>
    names.map((name, line) => {
      const value = points[index]?.values[line] ?? null
      return (
        value !== null && (
          <circle key={name} cx={percent(positionOf(index))} cy={yOf(value)} r={radiusPx} fill={colours[line]} />
        )
      )
    })
  return (
    <Plot
      label={label}
      height={height}
      rightPx={names.length > 1 ? RIGHT_PX.several : RIGHT_PX.one}
      ticks={ticks}
      measure={measure}
      timeLabels={spacedLabels(
        points.map((_, index) => positionOf(index)),
        (index) => timeLabel(points[index]?.atMs ?? 0, { stepMs, durationMs, timeZone }),
      )}
      stepCount={points.length}
      stepAt={(at) => nearestPoint(points, firstMs + at * durationMs)}
      positionOf={positionOf}
      tooltip={(index) => {
        const { atMs, values: there } = points[index] ?? { atMs: firstMs, values: [] }
        return (
          <TooltipBox
            title={formatDay(atMs, timeZone)}
            note={formatTimeOfDay(atMs, timeZone)}
            rows={names.map((name, line) => {
              const value = there[line] ?? null
              return {
                name,
                colour: colours[line] ?? '',
                value: value === null ? 'unknown' : formatValue(measure, value),
              }
            })}
          />
        )
      }}
      emptyText={values.length === 0 ? emptyText : null}
    >
      {(active) => (
        <>
          <EventMarks
            marks={marks}
            positionOf={(atMs) => (durationMs === 0 ? null : (atMs - firstMs) / durationMs)}
            areaPx={areaPx}
            hasTexts={hasMarkTexts}
          />
          {active !== null && (
            <line
              x1={percent(positionOf(active))}
              x2={percent(positionOf(active))}
              y1="0"
              y2={areaPx}
              stroke="var(--line2)"
            />
          )}
          <svg
            className={classes.drawing}
            width="100%"
            height={areaPx}
            viewBox={`0 0 ${DRAWN_WIDTH} ${areaPx}`}
            preserveAspectRatio="none"
          >
            {names.map((name, line) => (
              <path
                key={name}
                d={pathOf(
                  points.map(({ values: there }, index) => {
                    const value = there[line] ?? null
                    return value === null ? null : { x: roundPx(positionOf(index) * DRAWN_WIDTH), y: yOf(value) }
                  }),
                  isStepped,
                )}
                fill="none"
                stroke={colours[line]}
                strokeWidth={1.75}
                vectorEffect="non-scaling-stroke"
              />
            ))}
          </svg>
          {values.length === names.length && points.map((_, index) => dotsOf(index, 2.5))}
          {active !== null && dotsOf(active, 3)}
          {names.map((name, line) => {
            const value = last?.values[line] ?? null
            return (
              value !== null && (
                <EndLabel
                  key={name}
                  x={percent(positionOf(points.length - 1))}
                  y={yOf(value) + (labelShifts[line] ?? 0)}
                  colour={names.length > 1 ? (colours[line] ?? null) : null}
                >
                  {`${names.length > 1 ? `${name} ` : ''}${formatValue(measure, value)}`}
                </EndLabel>
              )
            )
          })}
        </>
      )}
    </Plot>
  )
}

function nearestPoint(points: readonly LinePoint[], atMs: number): number {
  const next = points.findIndex((point) => point.atMs >= atMs)
  if (next <= 0) return next === 0 ? 0 : points.length - 1
  const [before, after] = [points[next - 1]?.atMs ?? 0, points[next]?.atMs ?? 0]
  return atMs - before < after - atMs ? next - 1 : next
}

/** A line through the corners; null interrupts it. */
function pathOf(corners: readonly ({ x: number; y: number } | null)[], isStepped: boolean): string {
  return corners
    .map((corner, index) => {
      if (corner === null) return ''
      const before = corners[index - 1]
      if (!before) return `M${corner.x},${corner.y}`
      return `${isStepped ? `L${corner.x},${before.y}` : ''}L${corner.x},${corner.y}`
    })
    .join('')
}
