'use client'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { formatDay, formatTimeOfDay } from '@/lib/format/time'
import classes from './chart.module.css'
import { END_MARK_PX, EndLabel } from './end-label'
import { type ChartMark, EventMarks } from './event-marks'
import { formatValue } from './format-measure'
import { NUMBERS_PX } from './number-marks'
import { areaHeightPx, percent, Plot, roundPx, type Share, verticalScale } from './plot'
import { signedScale } from './signed-scale'
import { endLabelShifts, lineTicks, type Measure, spacedLabels } from './ticks'
import { timeLabel } from './time-labels'
import { TooltipBox } from './tooltip-box'

/** The width of a drawing whose lines are stretched to that of the chart. */
const DRAWN_WIDTH = 1000
/** The height of a full share, and the space above it. */
const LANE_PX = 14
const LANE_GAP_PX = 8
const DAY_MS = 24 * 60 * 60_000
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
  texts,
  isByDay = false,
  isLog = false,
  namesAlways = false,
  band,
  lane,
  ahead,
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
  /** How values are written, if not as their measure: on the axis, in the tooltip, and at the end of a line. */
  texts?: { tick: (value: number) => string; value: (value: number, line: number) => string }
  /** For points at the beginning of days of UTC, and a last one later. */
  isByDay?: boolean
  /** Also the name of a line alone. */
  namesAlways?: boolean
  /** From zero, in powers. */
  isLog?: boolean
  /** Two lines, by their indexes, that are the edges of an area. */
  band?: readonly [upper: number, lower: number]
  /** Values that the lines come to at a later time if they go on as before: dashed. Null: not known. */
  ahead?: { toMs: number; values: readonly (number | null)[] } | null
  /** A share of each point below the lines, with its name and the last share at the end. */
  lane?: { text: string; shares: readonly (number | null)[] }
  emptyText: string
}) {
  const isNamed = namesAlways || names.length > 1
  const ownTimeZone = useTimeZone()
  const timeZone = isByDay ? 'UTC' : ownTimeZone
  const valueText = (value: number, line: number) => texts?.value(value, line) ?? formatValue(measure, value)
  const values = points.flatMap((point) => point.values.filter((value) => value !== null))
  const scaled = [...values, ...(ahead?.values ?? []).filter((value) => value !== null)]
  const areaPx = areaHeightPx(height)
  const headPx = marks.some(({ number }) => number !== undefined) ? NUMBERS_PX : 0
  const linesPx = areaPx - headPx - (lane === undefined ? 0 : LANE_PX + LANE_GAP_PX)
  const scale = isLog
    ? signedScale({ min: 0, max: Math.max(0, ...scaled) }, { measure, areaPx: linesPx, isLog })
    : linearScale(lineTicks(scaled, measure, { fromZero }), linesPx)
  const { ticks } = scale
  const yOf = (value: number) => headPx + scale.yOf(value)
  const firstMs = points[0]?.atMs ?? 0
  const lastMs = points.at(-1)?.atMs ?? 0
  const durationMs = (ahead?.toMs ?? lastMs) - firstMs
  const stepMs = points.length > 1 ? (lastMs - firstMs) / (points.length - 1) : isByDay ? DAY_MS : durationMs
  const positionOf = (index: number): Share =>
    durationMs === 0 ? 0.5 : ((points[index]?.atMs ?? firstMs) - firstMs) / durationMs
  const last = points.at(-1)
  const ends = (last?.values ?? []).map((value, line) => (value === null ? null : (ahead?.values[line] ?? value)))
  const endAt = ahead ? 1 : positionOf(points.length - 1)
  const labelShifts = endLabelShifts(
    ends.map((value) => (value === null ? null : linesPx - scale.yOf(value))),
    { min: 0, max: linesPx, heightPx: linesPx },
  )
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
      rightPx={isNamed ? RIGHT_PX.several : RIGHT_PX.one}
      ticks={ticks}
      measure={measure}
      tickText={texts?.tick}
      yOf={yOf}
      timeLabels={spacedLabels([...points.map((_, index) => positionOf(index)), ...(ahead ? [1] : [])], (index) =>
        timeLabel(points[index]?.atMs ?? ahead?.toMs ?? 0, { stepMs, durationMs, timeZone }),
      )}
      stepCount={points.length}
      stepAt={(at) => nearestPoint(points, firstMs + at * durationMs)}
      positionOf={positionOf}
      tooltip={(index) => {
        const { atMs, values: there } = points[index] ?? { atMs: firstMs, values: [] }
        return (
          <TooltipBox
            title={formatDay(atMs, timeZone)}
            note={isByDay ? `${formatTimeOfDay(atMs, timeZone)} UTC` : formatTimeOfDay(atMs, timeZone)}
            rows={names.map((name, line) => {
              const value = there[line] ?? null
              return {
                name,
                colour: colours[line] ?? '',
                value: value === null ? 'unknown' : valueText(value, line),
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
            {band && (
              <path
                d={bandArea(
                  points.map(({ values: there }, index) => {
                    const [upper, lower] = band.map((line) => there[line] ?? null)
                    return upper == null || lower == null
                      ? null
                      : { x: roundPx(positionOf(index) * DRAWN_WIDTH), topPx: yOf(upper), bottomPx: yOf(lower) }
                  }),
                )}
                fill="var(--accent-line)"
                fillOpacity={0.5}
                data-band
              />
            )}
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
                strokeWidth={band?.includes(line) ? 0 : 1.75}
                vectorEffect="non-scaling-stroke"
              />
            ))}
            {ahead?.values.map((value, line) => {
              const from = last?.values[line] ?? null
              return (
                value !== null &&
                from !== null && (
                  <path
                    key={names[line]}
                    d={`M${roundPx(positionOf(points.length - 1) * DRAWN_WIDTH)},${yOf(from)}L${DRAWN_WIDTH},${yOf(value)}`}
                    fill="none"
                    stroke={colours[line]}
                    strokeWidth={1.75}
                    strokeDasharray="4 4"
                    vectorEffect="non-scaling-stroke"
                    data-ahead={names[line]}
                  />
                )
              )
            })}
            {lane && (
              <path
                d={laneArea(lane.shares, (index) => roundPx(positionOf(index) * DRAWN_WIDTH), areaPx)}
                fill="var(--accent-line)"
                fillOpacity={0.7}
              />
            )}
          </svg>
          {lane && (
            <EndLabel x={percent(endAt)} y={areaPx - LANE_PX / 2} colour={null}>
              {lane.text}
            </EndLabel>
          )}
          {values.length === names.length && points.map((_, index) => dotsOf(index, 2.5))}
          {active !== null && dotsOf(active, 3)}
          {names.map((name, line) => {
            const value = last?.values[line] ?? null
            return (
              value !== null && (
                <EndLabel
                  key={name}
                  x={percent(endAt)}
                  y={yOf(ends[line] ?? value) + (labelShifts[line] ?? 0)}
                  colour={isNamed ? (colours[line] ?? null) : null}
                >
                  {`${isNamed ? `${name} ` : ''}${valueText(value, line)}`}
                </EndLabel>
              )
            )
          })}
        </>
      )}
    </Plot>
  )
}

function linearScale(ticks: readonly number[], areaPx: number) {
  return { ticks, yOf: verticalScale(ticks, areaPx) }
}

/** From the lower edge up; unknown shares leave a gap. */
function laneArea(shares: readonly (number | null)[], xOf: (index: number) => number, areaPx: number): string {
  return shares
    .slice(1)
    .map((share, index) => {
      const before = shares[index] ?? null
      if (share === null || before === null) return ''
      const [from, to] = [xOf(index), xOf(index + 1)]
      return `M${from},${areaPx}V${roundPx(areaPx - before * LANE_PX)}L${to},${roundPx(areaPx - share * LANE_PX)}V${areaPx}Z`
    })
    .join('')
}

/** A closed area for each row of points without a gap. */
function bandArea(points: readonly ({ x: number; topPx: number; bottomPx: number } | null)[]): string {
  const areas: string[] = []
  let run: { x: number; topPx: number; bottomPx: number }[] = []
  for (const point of [...points, null]) {
    if (point !== null) run.push(point)
    else if (run.length > 0) {
      const corners = [
        ...run.map(({ x, topPx }) => `${x},${topPx}`),
        ...run.toReversed().map(({ x, bottomPx }) => `${x},${bottomPx}`),
      ]
      areas.push(`M${corners.join('L')}Z`)
      run = []
    }
  }
  return areas.join('')
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
