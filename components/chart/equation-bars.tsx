'use client'
import { type CSSProperties, type ReactNode, useId, useState } from 'react'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import classes from './chart.module.css'
import { formatTick } from './format-measure'
import type { Look } from './mark'
import { areaHeightPx, percent, Plot, roundPx, type Share } from './plot'
import { signedScale } from './signed-scale'
import { type Measure, niceTicks, spacedLabels } from './ticks'
import { labelledSteps, timeLabel } from './time-labels'

/** A part of a bar. `size` is never negative. */
export type Piece = {
  key: string
  colour: string
  size: number
  look: Look
  /** Written next to it. */
  label?: string
}

/** Pieces are stacked from zero, upwards and downwards. */
export type EquationBar = {
  startMs: number
  endMs: number
  above: readonly Piece[]
  below: readonly Piece[]
  /** A line across the bar, for comparison. */
  mark: number
}

/** Bars of their own scale below the chart, one value for each bar. */
export type Lane = { name: string; colour: string; values: readonly number[] }

/** A vertical line with a text at its upper end. */
export type EventLine = { atMs: number; text: string; title: string }

/** A range of time of which something is not known, over its real time and not over whole bars. */
export type Gap = { fromMs: number; toMs: number; text: string }

type EquationBarsProps = {
  /** Describes the chart for screen readers; the numbers are in the table behind it. */
  label: string
  /** Oldest first. */
  bars: readonly EquationBar[]
  lanes: readonly Lane[]
  lines: readonly EventLine[]
  gaps?: readonly Gap[]
  measure: Measure
  isLog: boolean
  height: number
  tooltip: (index: number) => ReactNode
  /** Shown when there is nothing to draw: what is missing and what to do. */
  emptyText: string
  /** Called with the span `[fromMs, toMs)` that the user dragged over. */
  onSelect: (fromMs: number, toMs: number) => void
  onOpen?: (bar: EquationBar, pieceKey: string) => void
}

/** The width of the scale, and what it covers above and below the bars. */
const AXIS_PX = 58
const AXIS_TOP_PX = 22
const LANE_PX = 40
const LANE_BAR_PX = 26
/** Above the bars, for the texts of lines. */
const LINE_TEXT_PX = 18
const HATCH_PX = 5
/** The label of a lower piece would run into the next one. */
const MIN_LABELLED_PX = 13

/** Bars that say how a total changed: what was added is above zero, and what was removed below. */
export function EquationBars(props: EquationBarsProps) {
  const { label, bars, lanes, lines, gaps = [], measure, isLog, height, onSelect, onOpen } = props
  const timeZone = useTimeZone()
  const hatchId = useId()
  const [drag, setDrag] = useState<{ from: number; to: number; isMoved: boolean } | null>(null)
  const areaPx = areaHeightPx(height)
  const topPx = lines.length > 0 ? LINE_TEXT_PX : 0
  const barsPx = areaPx - topPx - lanes.length * LANE_PX
  const scale = signedScale(
    {
      min: -Math.max(0, ...bars.map(({ below }) => sizeOf(below))),
      max: Math.max(0, ...bars.map(({ above, mark }) => Math.max(sizeOf(above), mark))),
    },
    { measure, areaPx: barsPx, isLog },
  )
  const yOf = (value: number) => roundPx(topPx + scale.yOf(value))
  const startsMs = bars.map(({ startMs }) => startMs)
  const [first, last] = [bars[0], bars.at(-1)]
  const stepMs = first === undefined ? 1 : first.endMs - first.startMs
  const axis = { stepMs, durationMs: (last?.endMs ?? 0) - (first?.startMs ?? 0), timeZone }
  const edgeOf = (index: number) => index / bars.length
  const isEmpty = bars.every(({ above, below }) => sizeOf(above) + sizeOf(below) === 0)
  const [from, to] = drag === null ? [0, 0] : [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)]
  const openLargest = (index: number) => {
    const bar = bars[index]
    const largest = bar?.above.toSorted((a, b) => b.size - a.size)[0]
    if (bar && largest && largest.size > 0) onOpen?.(bar, largest.key)
  }
  return (
    <div
      ref={showNewest}
      className={classes.sideways}
      style={{ '--scrolled-bars': bars.length } as CSSProperties}
      onScroll={({ currentTarget }) => moveAxis(currentTarget)}
    >
      <Plot
        label={label}
        height={height}
        rightPx={4}
        ticks={scale.ticks}
        yOf={yOf}
        measure={measure}
        timeLabels={labelledSteps(startsMs, axis, 7).map((startMs) => ({
          at: edgeOf(startsMs.indexOf(startMs) + 0.5),
          text: timeLabel(startMs, axis),
        }))}
        stepCount={bars.length}
        stepAt={(at) => Math.floor(at * bars.length)}
        positionOf={(index) => edgeOf(index + 0.5)}
        tooltip={props.tooltip}
        onPress={(index) => setDrag({ from: index, to: index, isMoved: false })}
        onMove={(index) => {
          if (drag !== null && index !== drag.to) setDrag({ ...drag, to: index, isMoved: true })
        }}
        onRelease={() => {
          if (drag?.isMoved && from !== to) onSelect(bars[from]?.startMs ?? 0, bars[to]?.endMs ?? 0)
          setDrag(null)
        }}
        onLeave={() => setDrag(null)}
        onEnter={openLargest}
        emptyText={isEmpty && lanes.length === 0 ? props.emptyText : null}
      >
        {(active) => (
          <>
            <pattern
              id={hatchId}
              width={HATCH_PX}
              height={HATCH_PX}
              patternUnits="userSpaceOnUse"
              patternTransform="rotate(45)"
            >
              <line x1="0" x2="0" y1="0" y2={HATCH_PX} stroke="var(--control)" strokeWidth="1.5" />
            </pattern>
            <Gaps gaps={gaps} bars={bars} areaPx={areaPx} hatchId={hatchId} />
            {active !== null && (
              <rect x={percent(edgeOf(active))} width={percent(edgeOf(1))} height={areaPx} fill="var(--hover)" />
            )}
            <g style={{ '--step-width': percent(edgeOf(1)) } as CSSProperties}>
              {bars.map((bar, index) => (
                <g key={bar.startMs} style={{ '--step-start': percent(edgeOf(index)) } as CSSProperties}>
                  {layersOf(bar).map(({ piece, fromValue, toValue }) => (
                    <PieceShape
                      key={piece.key}
                      piece={piece}
                      hatchId={hatchId}
                      topPx={yOf(Math.max(fromValue, toValue))}
                      bottomPx={yOf(Math.min(fromValue, toValue))}
                      sides={[edgeOf(index), edgeOf(index + 1)]}
                      onClick={onOpen && (() => onOpen(bar, piece.key))}
                    />
                  ))}
                  {bar.mark > 0 && <MarkLine y={yOf(bar.mark)} />}
                  {lanes.map((lane, laneIndex) => (
                    <LaneBar
                      key={lane.name}
                      share={(lane.values[index] ?? 0) / laneMax(lane, measure)}
                      bottomPx={laneBottomPx(areaPx, lanes.length, laneIndex)}
                      colour={lane.colour}
                    />
                  ))}
                </g>
              ))}
            </g>
            {/* Zero is the ground of the bars. */}
            <line x1="0" x2="100%" y1={yOf(0)} y2={yOf(0)} stroke="var(--control)" />
            <EventLines lines={lines} bars={bars} areaPx={areaPx} />
            <StillAxis ticks={scale.ticks} yOf={yOf} measure={measure} areaPx={areaPx} />
            {lanes.map((lane, laneIndex) => (
              <LaneFrame
                key={lane.name}
                lane={lane}
                measure={measure}
                bottomPx={laneBottomPx(areaPx, lanes.length, laneIndex)}
              />
            ))}
            {drag?.isMoved && from !== to && (
              <rect
                x={percent(edgeOf(from))}
                width={percent(edgeOf(to + 1 - from))}
                height={areaPx}
                fill="var(--accent)"
                fillOpacity={0.12}
                pointerEvents="none"
              />
            )}
          </>
        )}
      </Plot>
    </div>
  )
}

/** Where the bars are wider than the page, the axis stays, and the newest bars come first. */
function showNewest(frame: HTMLElement | null) {
  if (frame === null) return
  frame.scrollLeft = frame.scrollWidth
  moveAxis(frame)
}

function moveAxis(frame: HTMLElement) {
  frame.style.setProperty('--scrolled', `${frame.scrollLeft}px`)
}

/** The scale over what has moved below it; see `sideways`. */
function StillAxis({
  ticks,
  yOf,
  measure,
  areaPx,
}: {
  ticks: readonly number[]
  yOf: (value: number) => number
  measure: Measure
  areaPx: number
}) {
  return (
    <g className={classes.stillAxis} aria-hidden pointerEvents="none">
      <rect x={-AXIS_PX} y={-AXIS_TOP_PX} width={AXIS_PX} height={areaPx + 2 * AXIS_TOP_PX} fill="var(--surface)" />
      {ticks.map((value) => (
        <text key={value} x={-8} y={yOf(value)} dy="0.355em" textAnchor="end" className={classes.tick}>
          {formatTick(measure, value)}
        </text>
      ))}
    </g>
  )
}

function sizeOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { size }) => sum + size, 0)
}

/** Where each piece begins and ends. */
function layersOf({ above, below }: EquationBar): { piece: Piece; fromValue: number; toValue: number }[] {
  return [above, below].flatMap((pieces, side) => {
    let end = 0
    return pieces.flatMap((piece) => {
      const fromValue = end
      end += side === 0 ? piece.size : -piece.size
      return piece.size > 0 ? [{ piece, fromValue, toValue: end }] : []
    })
  })
}

function PieceShape({
  piece: { colour, look, label, key },
  hatchId,
  topPx,
  bottomPx,
  sides: [left, right],
  onClick,
}: {
  piece: Piece
  hatchId: string
  topPx: number
  bottomPx: number
  /** The sides of the bar. */
  sides: readonly [Share, Share]
  onClick: (() => void) | undefined
}) {
  const heightPx = roundPx(bottomPx - topPx)
  const open = onClick && { cursor: 'pointer', onClick }
  const shape =
    look === 'hollow' ? (
      <rect
        className={classes.bar}
        y={topPx}
        height={Math.max(heightPx, 1)}
        fill="var(--surface)"
        stroke={colour}
        strokeWidth="1.5"
        data-piece={key}
        {...open}
      />
    ) : (
      <rect
        className={classes.bar}
        y={topPx}
        height={heightPx}
        fill={look === 'hatched' ? `url(#${hatchId})` : colour}
        data-piece={key}
        {...open}
      />
    )
  if (label === undefined || heightPx < MIN_LABELLED_PX) return shape
  const isLeftOf = right > 0.7
  return (
    <>
      {shape}
      <text
        x={percent(isLeftOf ? left : right)}
        dx={isLeftOf ? -4 : 4}
        y={(topPx + bottomPx) / 2}
        dy="0.355em"
        textAnchor={isLeftOf ? 'end' : 'start'}
        className={classes.pieceLabel}
        pointerEvents="none"
      >
        {label}
      </text>
    </>
  )
}

/** With an edge, so that it is seen on every colour. */
function MarkLine({ y }: { y: number }) {
  return (
    <g pointerEvents="none" data-mark>
      <rect className={classes.bar} y={roundPx(y - 1.75)} height={3.5} fill="var(--surface)" />
      <rect className={classes.bar} y={roundPx(y - 0.75)} height={1.5} fill="var(--text2)" />
    </g>
  )
}

function laneBottomPx(areaPx: number, laneCount: number, index: number): number {
  return areaPx - (laneCount - 1 - index) * LANE_PX
}

function laneMax({ values }: Lane, measure: Measure): number {
  return niceTicks(0, Math.max(...values), measure).at(-1) ?? 1
}

function LaneBar({ share, bottomPx, colour }: { share: number; bottomPx: number; colour: string }) {
  const heightPx = roundPx(share * LANE_BAR_PX)
  return heightPx > 0 && <rect className={classes.bar} y={bottomPx - heightPx} height={heightPx} fill={colour} />
}

function LaneFrame({ lane, measure, bottomPx }: { lane: Lane; measure: Measure; bottomPx: number }) {
  const topPx = bottomPx - LANE_BAR_PX
  return (
    <g pointerEvents="none">
      <line x1="0" x2="100%" y1={topPx} y2={topPx} stroke="var(--line)" />
      <line x1="0" x2="100%" y1={bottomPx} y2={bottomPx} stroke="var(--line2)" />
      <text x={-8} y={topPx} dy="0.355em" textAnchor="end" className={`${classes.tick} ${classes.still}`}>
        {formatTick(measure, laneMax(lane, measure))}
      </text>
      <text x={2} y={topPx + 11} className={`${classes.pieceLabel} ${classes.still}`}>
        {lane.name}
      </text>
    </g>
  )
}

/** Behind the bars: what is known of that time is drawn over it. */
function Gaps({
  gaps,
  bars,
  areaPx,
  hatchId,
}: {
  gaps: readonly Gap[]
  bars: readonly EquationBar[]
  areaPx: number
  hatchId: string
}) {
  return gaps.map(({ fromMs, toMs, text }) => {
    const [from, to] = [positionOfTime(bars, fromMs), positionOfTime(bars, toMs)]
    return (
      to > from && (
        <rect
          key={text}
          x={percent(from)}
          width={percent(to - from)}
          height={areaPx}
          fill={`url(#${hatchId})`}
          fillOpacity={0.6}
          data-gap={text}
        >
          <title>{text}</title>
        </rect>
      )
    )
  })
}

/** A time between the start of the first bar and the end of the last one, as a share of the width. */
function positionOfTime(bars: readonly EquationBar[], atMs: number): Share {
  const index = bars.findLastIndex(({ startMs }) => startMs <= atMs)
  const bar = bars[index]
  if (bar === undefined) return 0
  return (index + Math.min(1, (atMs - bar.startMs) / (bar.endMs - bar.startMs))) / bars.length
}

/** Texts that have no room are left out: the tooltip has them, too. */
function EventLines({
  lines,
  bars,
  areaPx,
}: {
  lines: readonly EventLine[]
  bars: readonly EquationBar[]
  areaPx: number
}) {
  const placed = lines.flatMap((line) => {
    const isWithin = line.atMs >= (bars[0]?.startMs ?? 0) && line.atMs < (bars.at(-1)?.endMs ?? 0)
    return isWithin ? [{ ...line, at: positionOfTime(bars, line.atMs) }] : []
  })
  const labels = spacedLabels(
    placed.map(({ at }) => at),
    (index) => `${placed[index]?.text} ${index}`,
  )
  const labelled = new Set(labels.map(({ index }) => index))
  return (
    <g pointerEvents="none">
      {placed.map(({ at, text, title }, index) => (
        <g key={`${at} ${title}`}>
          <line
            x1={percent(at)}
            x2={percent(at)}
            y1={LINE_TEXT_PX - 4}
            y2={areaPx}
            stroke="var(--text3)"
            strokeDasharray="2 3"
          />
          {labelled.has(index) && (
            <text
              x={percent(at)}
              y={9}
              textAnchor={at < 0.08 ? 'start' : at > 0.92 ? 'end' : 'middle'}
              className={`${classes.pieceLabel} ${classes.lineLabel}`}
              data-older={index < placed.length - 1 || undefined}
            >
              <title>{title}</title>
              {text}
            </text>
          )}
        </g>
      ))}
    </g>
  )
}
